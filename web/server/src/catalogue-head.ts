/** What a round calls the items that it is about, computed from a snapshot by the package: as a client does from what it has open. */
import type { Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import { headOfBundle } from 'ossicle/node';

const ASSETS = new URL('./', import.meta.resolve('ossicle/assets/ossicle-simd.wasm'));

/** `files`: of a snapshot, by their paths. Errors: those of the package (no catalogue that can be opened). */
export function headOfSnapshot(
  files: ReadonlyMap<string, Bytes>,
  { blocks, rows }: Pick<Round, 'blocks' | 'rows'>,
): Promise<string> {
  return headOfBundle(ASSETS, files, blocks * rows);
}
