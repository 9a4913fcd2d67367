// Writes lists of 50 of 17,632 artists; runs in Node and, bundled with nothing, in a page. Needs `Core` of tests/wasm or what is like it.
/** Settings whose times are told. `from` and `to` are rows. */
export const FORMS = {
  'one beam': { beams: 1 },
  'four beams': { beams: 4 },
  'four beams, from one artist to another': { beams: 4, from: 11, to: 4000 },
};

/** Median, and 90th percentile, of the milliseconds of `rounds` lists of each form; `write(knobs)` writes one. */
export function measure(write, rounds, clock = () => performance.now()) {
  const times = Object.fromEntries(Object.keys(FORMS).map((name) => [name, []]));
  for (let n = -3; n < rounds; ++n) {
    for (const [name, knobs] of Object.entries(FORMS)) {
      const start = clock();
      write({ seed: BigInt(n + 3), ...knobs });
      if (n >= 0) times[name].push(clock() - start);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      return [name, { median: sorted[Math.floor(rounds / 2)], p90: sorted[Math.floor(rounds * 0.9)] }];
    }),
  );
}
