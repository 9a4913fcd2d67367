// What run.mjs measures, the same in Node and in a page.

/** 14 pieces in the released tokenizer, 16 tokens with the frame: a usual line about a track. */
const LINE = 'a slow and sad ballad with soft female vocals, a piano and strings';
const REPETITIONS = 101;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** `open()` gives an engine of the package. Milliseconds to it, and from there to the first vector. */
async function openToFirst(open) {
  const started = performance.now();
  const engine = await open();
  const openMs = performance.now() - started;
  const beforeFirst = performance.now();
  await engine.embed([LINE]);
  return { engine, openMs, firstMs: performance.now() - beforeFirst };
}

export async function openOnly(open) {
  const { engine, ...times } = await openToFirst(open);
  await engine.close();
  return times;
}

/** `onFirst` is called after the first vector. */
export async function openAndEmbed(open, titles, onFirst = () => undefined) {
  const { engine } = await openToFirst(open);
  onFirst();

  const times = [];
  for (let i = 0; i < REPETITIONS; ++i) {
    const before = performance.now();
    await engine.embed([LINE]);
    times.push(performance.now() - before);
  }
  let told = 0;
  const beforeAll = performance.now();
  const vectors = await engine.embed(titles, { onProgress: () => (told += 1) });
  const allMs = performance.now() - beforeAll;
  if (vectors.length !== titles.length) throw new Error('a vector is missing');

  const controller = new AbortController();
  let asked = 0;
  const stopped = engine.embed(titles, {
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done < 320 || asked !== 0) return;
      asked = performance.now();
      controller.abort();
    },
  });
  const name = await stopped.then(
    () => 'nothing',
    (error) => error.name,
  );
  if (name !== 'AbortError') throw new Error(`an abort gave ${name}`);
  const abortMs = performance.now() - asked;
  await engine.close();
  return { oneMs: median(times), allMs, told, titles: titles.length, abortMs };
}
