/** What the log names by its hash, read and measured against that. */
import type { Bytes, ReadFile } from '@ossicle/wire/log';
import { FIELD_MODULUS, isSumOf, tableBytes, type Role, type Shape } from '@ossicle/wire/report';
import {
  blobPath,
  hashOf,
  readManifest,
  type Manifest,
  type SnapshotFile,
} from '@ossicle/wire/snapshot';
import type { PairOfSums } from './contents.ts';
import type { BlockOfSums } from './tool.ts';

/** A blob is not there, or is not what its name says. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
}

/** Sums are what the log names, and yet can be none: their aggregator signed something else. */
export class SumsError extends Error {
  override readonly name = 'SumsError';
}

/** Errors: BlobError. */
export async function readBlob(hash: string, read: ReadFile): Promise<Bytes> {
  const bytes = await read(blobPath(hash)).catch((cause: unknown) => {
    throw new BlobError(`blob ${hash} cannot be had`, { cause });
  });
  const found = await hashOf(bytes);
  if (found === hash) return bytes;
  throw new BlobError(`blob ${hash} has another hash: ${found}`);
}

/** Errors: BlobError. */
export async function readManifestOf(hash: string, read: ReadFile): Promise<Manifest> {
  const manifest = readManifest(await readBlob(hash, read));
  if (typeof manifest !== 'string') return manifest;
  throw new BlobError(`manifest ${hash} is none: ${manifest}`);
}

async function readWhole({ path, sha256, pieces }: SnapshotFile, read: ReadFile): Promise<Bytes> {
  const parts = await Promise.all(pieces.map((piece) => readBlob(piece.sha256, read)));
  const bytes = new Uint8Array(Buffer.concat(parts));
  if ((await hashOf(bytes)) === sha256) return bytes;
  throw new BlobError(`${path} is not what the manifest names, though its pieces are`);
}

/** The files of a snapshot by their paths. Errors: BlobError. */
export async function filesOf(
  { files }: Manifest,
  read: ReadFile,
): Promise<ReadonlyMap<string, Bytes>> {
  const whole = new Map<string, Bytes>();
  for (const file of files) whole.set(file.path, await readWhole(file, read));
  return whole;
}

function checkHalf(half: Bytes, shape: Shape, block: number, role: Role): void {
  if (isSumOf(shape, half)) return;
  const bytes = tableBytes(shape);
  const has =
    half.length === bytes
      ? `a number that is not below ${FIELD_MODULUS}`
      : `${half.length} bytes, not ${bytes}`;
  throw new SumsError(`of block ${block} the sum of aggregator ${role} has ${has}`);
}

/** The sums that both aggregators published of a round of this shape. Errors: BlobError, SumsError. */
export async function readPairs(
  pairs: readonly PairOfSums[],
  shape: Shape,
  read: ReadFile,
): Promise<readonly BlockOfSums[]> {
  return Promise.all(
    pairs.map(async ({ block, count, a, b }) => {
      const [first, second] = await Promise.all([readBlob(a, read), readBlob(b, read)]);
      checkHalf(first, shape, block, 'a');
      checkHalf(second, shape, block, 'b');
      return { block, count, a: first, b: second };
    }),
  );
}
