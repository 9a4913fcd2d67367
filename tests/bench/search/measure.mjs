// What run.mjs measures, the same in Node and in a page.

const DIMENSIONS = 256;

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
}

/** Rows that lie anywhere: a scan takes as long over them as over the encoder's. */
function anyVectors(n) {
  let state = 1;
  return new Float32Array(n * DIMENSIONS).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Types each query letter by letter and waits for every answer, as a search field does that shows each. */
async function type(index, queries) {
  const times = [];
  let hits = 0;
  for (const query of queries) {
    const letters = [...query];
    for (let n = 1; n <= letters.length; ++n) {
      const before = performance.now();
      const found = await index.search(letters.slice(0, n).join(''), { asTyped: true, limit: 20 });
      times.push(performance.now() - before);
      hits += found.length;
    }
  }
  if (hits === 0) throw new Error('nothing was found');
  return { keystrokes: times.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95), most: quantile(times, 1) };
}

/** `open()` gives an engine of the package; `look(name)` is called when an index is there. Milliseconds. */
export async function buildAndType(open, { tracks, queries }, look = () => undefined) {
  const engine = await open();
  await engine.embed(['the encoder is loaded before anything is timed']);
  look('engine');
  const started = performance.now();
  const words = await engine.createIndex(tracks);
  const wordsMs = performance.now() - started;
  look('words');
  await type(words, queries.slice(0, 5));
  const byWords = await type(words, queries);
  await words.close();

  const vectors = anyVectors(tracks.length);
  const again = performance.now();
  const both = await engine.createIndex(tracks, { vectors });
  const bothMs = performance.now() - again;
  await type(both, queries.slice(0, 5));
  const byBoth = await type(both, queries);
  await engine.close();
  return { tracks: tracks.length, wordsMs, byWords, bothMs, byBoth };
}
