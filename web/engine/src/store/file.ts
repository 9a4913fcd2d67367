import { appendFile, open, rename, truncate, unlink, type FileHandle } from 'node:fs/promises';
import { isNamed, messageOf, OssicleError } from '../errors.ts';
import type { Store, StoredBatch, StoredEvent } from '../types.ts';
import { decodeRecord, encodeRecord, noSuchBatch } from './records.ts';

const LINE_END = 0x0a;

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

  /** In pieces: a history of some millions of events is longer than a string can be. */
  async function* pieces(): AsyncGenerator<Buffer, void> {
    let reading: FileHandle;
    try {
      reading = await open(path, 'r');
    } catch (cause) {
      if (isMissing(cause)) return;
      throw failure(path, cause);
    }
    try {
      for await (const piece of reading.createReadStream({ autoClose: false })) {
        yield piece as Buffer;
      }
    } finally {
      await reading.close();
    }
  }

  async function* lines(): AsyncGenerator<string, void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of pieces()) {
      const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  /** Counts the lines; what comes after the last of them goes into a file of its own. */
  async function countLines(): Promise<number> {
    let count = 0;
    let tail: Buffer[] = [];
    let end = 0;
    let at = 0;
    for await (const piece of pieces()) {
      const afterLast = piece.lastIndexOf(LINE_END) + 1;
      if (afterLast > 0) {
        tail = [];
        end = at + afterLast;
      }
      for (let i = piece.indexOf(LINE_END); i >= 0; i = piece.indexOf(LINE_END, i + 1)) count += 1;
      tail.push(piece.subarray(afterLast));
      at += piece.length;
    }
    if (end < at) {
      await appendFile(`${path}.torn`, Buffer.concat([...tail, Buffer.from('\n')]));
      await truncate(path, end);
    }
    return count;
  }

  async function opened(): Promise<FileHandle> {
    file ??= await open(path, 'a', 0o600);
    return file;
  }

  return {
    async open() {
      try {
        last = await countLines();
        size = (await (await opened()).stat()).size;
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
      let seq = 0;
      for await (const line of lines()) {
        seq += 1;
        if (seq > after) yield { seq, events: decodeRecord(line, path, seq) };
      }
    },

    async replace(seq: number, events: readonly StoredEvent[]) {
      if (seq < 1 || seq > last) throw noSuchBatch(path, seq);
      const next = `${path}.new`;
      try {
        const written = await open(next, 'w', 0o600);
        try {
          let at = 0;
          for await (const line of lines()) {
            at += 1;
            await written.appendFile(`${at === seq ? encodeRecord(events) : line}\n`);
          }
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
