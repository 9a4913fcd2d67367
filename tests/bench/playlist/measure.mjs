// What run.mjs measures, the same in Node and in a page.

const LENGTH = 50;

/** Milliseconds of `rounds` lists of 50 of each form, and whether all were valid. `open()` gives an engine of the package. */
export async function writeLists(open, rounds) {
  const engine = await open();
  const started = performance.now();
  const first = await engine.playlist({ length: LENGTH });
  const firstMs = performance.now() - started;
  const { items } = await engine.recommend({ limit: 256, reasons: 0 });
  const id = (n) => items[n % items.length].artist.id;
  const forms = {
    'one beam': (seed) => ({ seed, beams: 1 }),
    'four beams': (seed) => ({ seed }),
    'four beams, from one artist to another': (seed) => ({ seed, from: id(seed), to: id(seed + 100) }),
    'eight beams, from one to another': (seed) => ({ seed, from: id(seed), to: id(seed + 100), beams: 8 }),
  };
  const times = {};
  let valid = first.length === LENGTH;
  for (const name of Object.keys(forms)) times[name] = [];
  for (let round = 0; round < rounds + 3; ++round) {
    for (const [name, form] of Object.entries(forms)) {
      const options = { length: LENGTH, ...form(round) };
      const before = performance.now();
      const list = await engine.playlist(options);
      const ms = performance.now() - before;
      if (round >= 3) times[name].push(ms);
      const ids = list.map(({ artist }) => artist.id);
      valid &&= new Set(ids).size === LENGTH;
      if (options.to !== undefined) valid &&= ids[0] === options.from && ids.at(-1) === options.to;
    }
  }
  await engine.close();
  const told = Object.entries(times).map(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { name, median: sorted[Math.floor(rounds / 2)], p95: sorted[Math.min(rounds - 1, Math.floor(rounds * 0.95))] };
  });
  return { artists: engine.catalogue.artists, firstMs, valid, times: told };
}
