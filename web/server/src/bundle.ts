/** A bundle of the catalogue, read and checked by the core before anybody signs for it. */
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bytes } from '@ossicle/wire/log';
import { openEngine, type CatalogueSummary } from 'ossicle/node';
import { InputError, messageOf } from './errors.ts';
import { readBytes } from './log/files.ts';

const BUNDLE = 'bundle.json';

/** Opens the bundle as clients will: sizes, hashes, shapes and finite values are the core's to check. */
async function open(folder: string): Promise<CatalogueSummary> {
  const assets = await mkdtemp(join(tmpdir(), 'ossicle-publish-'));
  try {
    for (const name of ['ossicle-simd.wasm', 'ossicle-relaxed.wasm']) {
      const file = fileURLToPath(import.meta.resolve(`ossicle/assets/${name}`));
      await symlink(file, join(assets, basename(file)));
    }
    await symlink(folder, join(assets, 'catalogue'));
    await using engine = await openEngine({ assets });
    return engine.catalogue;
  } finally {
    await rm(assets, { recursive: true });
  }
}

/** The files that bundle.json lists, itself first. Errors: InputError. */
export async function readBundle(
  path: string,
): Promise<{ files: ReadonlyMap<string, Bytes>; summary: CatalogueSummary }> {
  const folder = resolve(path);
  try {
    await readdir(folder);
  } catch (cause) {
    const what = `${folder} cannot be read: ${messageOf(cause)}.`;
    throw new InputError(`${what} Name a folder with a ${BUNDLE}, as models/items/bundle.`, {
      cause,
    });
  }
  try {
    const summary = await open(folder);
    const json = await readFile(join(folder, BUNDLE), 'utf8');
    const { files } = JSON.parse(json) as { files: readonly { path: string }[] };
    const named = [BUNDLE, ...files.map((file) => file.path)];
    const read = await Promise.all(
      named.map(async (name) => [name, await readBytes(join(folder, name))] as const),
    );
    return { files: new Map(read), summary };
  } catch (cause) {
    const what = `The bundle in ${folder} is not one: ${messageOf(cause)}`;
    throw new InputError(`${what} Nothing was published; make the bundle anew.`, { cause });
  }
}
