import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Store, StoredBatch, StoredEvent } from '../src/types.ts';

export const assets = new URL('../dist/assets/', import.meta.url);

/** Tests on the real module fail without it, unless a developer says that it is not built. */
export const withoutWasm =
  process.env['OSSICLE_WITHOUT_WASM'] === '1' && !existsSync(new URL('ossicle-simd.wasm', assets))
    ? `${fileURLToPath(assets)} is not built, and OSSICLE_WITHOUT_WASM=1`
    : false;

export function play(artist: string, at = 1_700_000_000): StoredEvent {
  const artistId = createHash('sha256').update(artist).digest('hex').slice(0, 32);
  return { kind: 'play', at, artist, artistId, title: `A song of ${artist}`, source: 'player' };
}

export function batchesOf(store: Store, after = 0): Promise<StoredBatch[]> {
  return Array.fromAsync(store.read(after));
}

/** A matcher for assert.rejects: an OssicleError of this code whose message fits. */
export function ossicleError(code: string, message = /./): (cause: unknown) => boolean {
  return (cause) => {
    const error = cause as { name?: unknown; code?: unknown; message?: unknown };
    return (
      error.name === 'OssicleError' && error.code === code && message.test(String(error.message))
    );
  };
}

export function named(name: string): (cause: unknown) => boolean {
  return (cause) => (cause as { name?: unknown }).name === name;
}

/** A ListenBrainz export: one listen a line. */
export function listenBrainz(listens: readonly (readonly [string, string, number])[]): Uint8Array {
  const lines = listens.map(([artist_name, track_name, listened_at]) =>
    JSON.stringify({ listened_at, track_metadata: { artist_name, track_name } }),
  );
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** Spearman's, of values with their places in a list; equal values share the mean of their ranks. */
export function rankCorrelation(values: readonly number[]): number {
  const rankOf = (x: number): number =>
    values.filter((y) => y < x).length + (values.filter((y) => y === x).length - 1) / 2;
  const ranks = values.map(rankOf);
  const middle = (values.length - 1) / 2;
  const sum = (f: (rank: number, i: number) => number): number =>
    ranks.reduce((total, rank, i) => total + f(rank - middle, i - middle), 0);
  return sum((a, b) => a * b) / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
}
