// Times the workloads of one module. The same file runs in Node and, served as it is, in a page.

/** What is measured, in the order of the table. `goalMs` is the project's own goal (README, "Speed"). */
export const WORKLOADS = [
  { name: 'scan-100k-64', title: 'exact top-50 of 100,000 x 64', kind: 'scan', args: [100_000, 64, 50], goalMs: 0.3 },
  { name: 'scan-1m-64', title: 'exact top-50 of 1,000,000 x 64', kind: 'scan', args: [1_000_000, 64, 50], goalMs: 5 },
  { name: 'scan-10k-384', title: 'exact top-10 of 10,000 x 384', kind: 'scan', args: [10_000, 384, 10], goalMs: 0.3 },
  { name: 'fold-in-500-64', title: 'fold-in of 500 plays, d = 64', kind: 'fold_in', args: [20_000, 64, 500], goalMs: 1 },
  { name: 'fold-in-500-128', title: 'the same, d = 128', kind: 'fold_in', args: [20_000, 128, 500], goalMs: 1 },
  { name: 'follow-500-64', title: 'one event more and the profile, 500 artists, d = 64', kind: 'follow', args: [20_000, 64, 500], goalMs: 0.1 },
  { name: 'follow-500-128', title: 'the same, d = 128', kind: 'follow', args: [20_000, 128, 500], goalMs: 0.1 },
  { name: 'list-500-128', title: '20 of 20,000 with 3 reasons each, 500 artists, d = 128, solved anew', kind: 'list', args: [20_000, 128, 500], goalMs: 5 },
];

/** Small sizes with the same code paths: only whether the answers are right. Same as ossicle_bench --quick. */
const QUICK_ARGS = {
  'scan-100k-64': [5_000, 64, 50],
  'scan-1m-64': [2_500, 64, 50],
  'scan-10k-384': [500, 384, 10],
  'fold-in-500-64': [1_000, 64, 500],
  'fold-in-500-128': [1_000, 128, 500],
  'follow-500-64': [1_000, 64, 500],
  'follow-500-128': [1_000, 128, 500],
  'list-500-128': [1_000, 128, 500],
};

const FULL = { repetitions: 31, sampleMs: 3, warmMs: 400, selftestRounds: 2000 };
const QUICK = { repetitions: 1, sampleMs: 0, warmMs: 0, selftestRounds: 3 };

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function meanMs(inner, f) {
  const start = performance.now();
  for (let i = 0; i < inner; i++) f();
  return (performance.now() - start) / inner;
}

/** Repetitions of the workload and of the memory floor alternate, so that both see the same noise. */
function measureOne(core, { kind, args }, plan) {
  const run = core[`bench_${kind}_run`];
  const stream = core[`bench_${kind}_stream`];
  if (core[`bench_${kind}_open`](...args) !== 1) throw new Error(`${kind} ${args}: not enough memory`);
  const coldMs = meanMs(1, run);
  const right = core[`bench_${kind}_check`]() === 1;
  let once = 1e9;
  const warmFrom = performance.now();
  while (performance.now() - warmFrom < plan.warmMs) {
    once = Math.min(once, Math.max(meanMs(4, run), 1e-3));
    meanMs(4, stream);
  }
  const inner = Math.min(1000, Math.max(1, Math.floor(plan.sampleMs / once)));
  const times = [];
  const floors = [];
  for (let i = 0; i < plan.repetitions; i++) {
    times.push(meanMs(inner, run));
    floors.push(meanMs(inner, stream));
  }
  return {
    right: right && core[`bench_${kind}_check`]() === 1,
    hash: BigInt.asUintN(64, core[`bench_${kind}_hash`]()).toString(16).padStart(16, '0'),
    bytes: core[`bench_${kind}_bytes`](),
    coldMs,
    medianMs: median(times),
    floorMs: median(floors),
  };
}

function text(memory, address) {
  const bytes = new Uint8Array(memory.buffer, address);
  return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
}

/** `bytes`: the module. Resolves to { isa, selftest, heapBytes, workloads } or, where the engine cannot run it, to { unsupported }. */
export async function measure(bytes, quick) {
  if (!WebAssembly.validate(bytes)) return { unsupported: true };
  const plan = quick ? QUICK : FULL;
  const { instance } = await WebAssembly.instantiate(bytes, {
    env: { emscripten_notify_memory_growth() {} },
  });
  const core = instance.exports;
  core._initialize();
  const workloads = {};
  const selftest = core.bench_selftest(1) === 0 && core.bench_selftest(plan.selftestRounds) === 0;
  for (const workload of WORKLOADS) {
    const args = quick ? QUICK_ARGS[workload.name] : workload.args;
    workloads[workload.name] = measureOne(core, { ...workload, args }, plan);
  }
  return {
    isa: text(core.memory, core.bench_isa()),
    selftest,
    heapBytes: core.memory.buffer.byteLength,
    workloads,
  };
}
