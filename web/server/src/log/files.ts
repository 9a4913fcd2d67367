/** Files that are there whole or not at all, whatever is killed. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../errors.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Makes the names in a folder durable. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}

/** `files`: contents by path. `scratch`: a folder on the same disk, for files that are not whole yet. All are durable when it resolves. */
export async function writeFiles(
  scratch: string,
  files: Iterable<readonly [path: string, contents: Uint8Array | string]>,
  mode = 0o644,
): Promise<void> {
  const folders = new Set<string>();
  await mkdir(scratch, { recursive: true });
  for (const [path, contents] of files) {
    const unfinished = join(scratch, randomUUID());
    {
      await using file = await open(unfinished, 'wx', mode);
      await file.writeFile(contents);
      await file.sync();
    }
    // A new folder is durable when the one that it is in is.
    const made = await mkdir(dirname(path), { recursive: true });
    for (let at = dirname(path); made !== undefined; at = dirname(at)) {
      folders.add(dirname(at));
      if (at === made) break;
    }
    await rename(unfinished, path);
    folders.add(dirname(path));
  }
  for (const folder of folders) await syncFolder(folder);
}

/** null: there is no such file. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

export async function readBytes(path: string): Promise<Bytes> {
  return new Uint8Array(await readFile(path));
}
