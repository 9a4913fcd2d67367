/** Catalogues that differ from the released one in a row: newer snapshots for tests. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE } from './kit.ts';

const SHARD = 'catalogue-0.safetensors';
/** A row of somebody whom nobody else listens to: it has no part in the sums over all items. */
const COLD = 17_000;

/** A folder below `work` with the released bundle, the scale of one row changed, vouched for again. */
export function bundleWith(work: string, change: (scale: number) => number): string {
  mkdirSync(work, { recursive: true });
  const out = mkdtempSync(join(work, 'bundle-'));
  const shard = new Uint8Array(readFileSync(join(BUNDLE, SHARD)));
  const data = new DataView(shard.buffer);
  const length = Number(data.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(shard.subarray(8, 8 + length))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const at = 8 + length + (header['item.scale']?.data_offsets[0] ?? NaN) + 4 * COLD;
  data.setFloat32(at, change(data.getFloat32(at, true)), true);
  const json = JSON.parse(readFileSync(join(BUNDLE, 'bundle.json'), 'utf8')) as {
    files: { bytes: number; sha256: string }[];
  };
  Object.assign(json.files[0] ?? {}, { sha256: createHash('sha256').update(shard).digest('hex') });
  writeFileSync(join(out, SHARD), shard);
  writeFileSync(join(out, 'bundle.json'), JSON.stringify(json));
  return out;
}
