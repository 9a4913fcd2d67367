/**
 * Listeners whose own data was never in training, folded in by the WebAssembly engine, through the package's public API:
 *   ossicle eval --ratings FILE.tsv --protocol own-data-out --export-folds DIR
 *   node tests/quality/own-data-out.mjs DIR [--variant simd|relaxed] [--json] [--dist web/engine/dist]
 * Each user's history is imported as a ListenBrainz export, a listen for each play at the fold's "now"; recommend() ranks; what is masked is
 * left out. Prints NDCG@k and Recall@k beside the native engine's, and how many lists are the same. Exit code 1 when one differs.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rankingMetrics } from './metrics.mjs';

const packageDist = fileURLToPath(new URL('../../web/engine/dist/', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    variant: { type: 'string', default: 'simd' },
    json: { type: 'boolean', default: false },
    dist: { type: 'string', default: packageDist },
  },
});
const [folder] = positionals;
if (folder === undefined || !['simd', 'relaxed'].includes(values.variant)) {
  console.error('own-data-out: which folder? node own-data-out.mjs DIR [--variant simd|relaxed]');
  process.exit(2);
}

const { openEngine } = await import(pathToFileURL(join(values.dist, 'node.js')));

/** A folder of assets as openEngine wants them, with the fold's catalogue in it. */
async function assetsFor(fold) {
  const assets = await mkdtemp(join(tmpdir(), 'ossicle-fold-'));
  await mkdir(join(assets, 'catalogue'));
  const wasm = `ossicle-${values.variant}.wasm`;
  await copyFile(join(values.dist, 'assets', wasm), join(assets, wasm));
  for (const name of ['bundle.json', 'catalogue-0.safetensors']) {
    await copyFile(join(folder, fold.path, name), join(assets, 'catalogue', name));
  }
  return assets;
}

/** As many tracks as plays: one track in one second would be one listen. */
function listenBrainzExport(artists, plays, atSeconds) {
  const lines = artists.flatMap((artist, i) =>
    Array.from({ length: plays[i] }, (_, track) =>
      JSON.stringify({
        listened_at: atSeconds,
        track_metadata: { artist_name: artist, track_name: `track ${track}` },
      }),
    ),
  );
  return new TextEncoder().encode(lines.join('\n') + '\n');
}

async function rankForUser(engine, user, k, nowSeconds) {
  const now = new Date(nowSeconds * 1000);
  await engine.import(listenBrainzExport(user.history, user.plays, nowSeconds), { now });
  const limit = Math.min(256, k + user.masked.length);
  const { items } = await engine.recommend({ limit, reasons: 0, now });
  await engine.erase();
  const masked = new Set(user.masked);
  return items
    .map((item) => item.artist.name)
    .filter((name) => !masked.has(name))
    .slice(0, k);
}

const { k, now, folds } = JSON.parse(await readFile(join(folder, 'folds.json'), 'utf8'));
const sum = { ndcg: 0, recall: 0, nativeNdcg: 0, nativeRecall: 0 };
let users = 0;
let same = 0;
for (const fold of folds) {
  const assets = await assetsFor(fold);
  const engine = await openEngine({ assets, variant: values.variant });
  const lines = (await readFile(join(folder, fold.path, 'users.jsonl'), 'utf8')).trimEnd();
  for (const line of lines.split('\n')) {
    const user = JSON.parse(line);
    const ranked = await rankForUser(engine, user, k, now);
    const metrics = rankingMetrics(ranked, user.truth, k);
    sum.ndcg += metrics.ndcg;
    sum.recall += metrics.recall;
    users += 1;
    same += JSON.stringify(ranked) === JSON.stringify(user.ranked) ? 1 : 0;
  }
  sum.nativeNdcg += fold.ndcg * fold.users;
  sum.nativeRecall += fold.recall * fold.users;
  await engine.close();
  await rm(assets, { recursive: true });
}

const result = {
  variant: values.variant,
  k,
  users,
  ndcg: sum.ndcg / users,
  recall: sum.recall / users,
  native_ndcg: sum.nativeNdcg / users,
  native_recall: sum.nativeRecall / users,
  same_lists: same,
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  const figures = (ndcg, recall) => `NDCG@${k} ${ndcg.toFixed(4)}  Recall@${k} ${recall.toFixed(4)}`;
  console.log(`ossicle-${values.variant}.wasm  ${figures(result.ndcg, result.recall)}`);
  console.log(`native engine         ${figures(result.native_ndcg, result.native_recall)}`);
  console.log(`${same} of ${users} lists are the same as the native engine's`);
}
if (same !== users) process.exitCode = 1;
