/** Logs in folders that go with their tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acceptCheckpoint, type Checkpoint } from '@ossicle/wire/log';
import { readPolicy } from '@ossicle/wire/snapshot';
import { readBytes } from '../src/log/files.ts';
import { DataFolder } from '../src/folder.ts';
import { init } from '../src/init.ts';
import { main } from '../src/main.ts';

export const BUNDLE = fileURLToPath(new URL('../../../models/items/bundle', import.meta.url));

/** The command line, in this process. */
export async function run(...args: readonly string[]) {
  let [out, error] = ['', ''];
  const code = await main(
    args,
    (text) => void (out += `${text}\n`),
    (text) => void (error += `${text}\n`),
  );
  return { code, out, error };
}

export interface TestEnd {
  after: (end: () => Promise<void>) => void;
}

export async function emptyFolder(t: TestEnd): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'ossicle-server-'));
  t.after(() => rm(path, { recursive: true }));
  return new DataFolder(join(path, 'data'));
}

export async function newLog(
  t: TestEnd,
  options: { freshSeconds?: number; witnesses?: readonly string[] } = {},
): Promise<DataFolder> {
  const folder = await emptyFolder(t);
  const { freshSeconds = 3600, witnesses = [] } = options;
  await init(folder, { origin: 'log.example', freshSeconds, witnesses, now: new Date() });
  return folder;
}

/** What a client accepts of the files on the disk. */
export async function accepted(
  folder: DataFolder,
  seen: Checkpoint | null,
  now = new Date(),
): Promise<Checkpoint> {
  const text = new TextDecoder();
  const json = text.decode(await readBytes(folder.file('policy.json')));
  const policy = await readPolicy(json);
  const source = text.decode(await readBytes(folder.file('checkpoint')));
  return acceptCheckpoint(source, policy, seen, (path) => readBytes(folder.file(path)), now);
}
