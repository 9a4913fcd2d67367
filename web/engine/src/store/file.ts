import {
  appendFile,
  open,
  readFile,
  rename,
  truncate,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import type { Store, StoredBatch, StoredEvent } from '../types.ts';
import { decodeRecord, encodeRecord, noSuchBatch } from './records.ts';

function failure(path: string, cause: unknown): OssicleError {
  const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  return full
    ? new OssicleError(
        'quota_exceeded',
        `No room is left for ${path}. What was stored before is kept.`,
        path,
        { cause },
      )
    : new OssicleError('store_unavailable', `${path} cannot be used: ${messageOf(cause)}.`, path, {
        cause,
      });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

/**
 * Events in a file of JSON lines, one batch a line, for one process at a time. A batch whose promise resolved is on the disk.
 * A last line without its end was never acknowledged (the process was killed while it wrote): it is moved to `<path>.torn`.
 */
export function fileStore(path: string): Store {
  let file: FileHandle | null = null;
  let last = 0;
  let size = 0;

  async function lines(): Promise<string[]> {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      if (isMissing(cause)) return '';
      throw failure(path, cause);
    });
    return text.split('\n').slice(0, -1);
  }

  async function setTornTailAside(): Promise<void> {
    const bytes = await readFile(path).catch((cause: unknown) => {
      if (isMissing(cause)) return Buffer.alloc(0);
      throw cause;
    });
    const end = bytes.lastIndexOf('\n') + 1;
    if (end === bytes.length) return;
    await appendFile(`${path}.torn`, Buffer.concat([bytes.subarray(end), Buffer.from('\n')]));
    await truncate(path, end);
  }

  async function opened(): Promise<FileHandle> {
    file ??= await open(path, 'a', 0o600);
    return file;
  }

  return {
    async open() {
      try {
        await setTornTailAside();
        size = (await (await opened()).stat()).size;
        last = (await lines()).length;
      } catch (cause) {
        throw isNamed(cause, 'OssicleError') ? cause : failure(path, cause);
      }
    },

    async append(events: readonly StoredEvent[]) {
      const line = Buffer.from(`${encodeRecord(events)}\n`);
      const handle = await opened();
      try {
        await handle.appendFile(line);
        await handle.datasync();
      } catch (cause) {
        // Half a line would make the next one unreadable.
        await handle.truncate(size).catch(() => undefined);
        throw failure(path, cause);
      }
      size += line.length;
      last += 1;
      return last;
    },

    async *read(after: number): AsyncGenerator<StoredBatch> {
      for (const [index, line] of (await lines()).entries()) {
        const seq = index + 1;
        if (seq > after) yield { seq, events: decodeRecord(line, path, seq) };
      }
    },

    async replace(seq: number, events: readonly StoredEvent[]) {
      const all = await lines();
      if (seq < 1 || seq > all.length) throw noSuchBatch(path, seq);
      all[seq - 1] = encodeRecord(events);
      const next = `${path}.new`;
      try {
        const written = await open(next, 'w', 0o600);
        try {
          await written.writeFile(`${all.join('\n')}\n`);
          await written.datasync();
          size = (await written.stat()).size;
        } finally {
          await written.close();
        }
        await rename(next, path);
        await file?.close();
        file = null;
      } catch (cause) {
        throw failure(path, cause);
      }
    },

    async erase() {
      await file?.close();
      file = null;
      for (const each of [path, `${path}.torn`, `${path}.new`]) {
        await unlink(each).catch((cause: unknown) => {
          if (!isMissing(cause)) throw failure(each, cause);
        });
      }
      last = 0;
      size = 0;
    },

    storedBytes: () => Promise.resolve(size),
    onExternalChange: () => () => undefined,

    async close() {
      await file?.close();
      file = null;
    },
  };
}
