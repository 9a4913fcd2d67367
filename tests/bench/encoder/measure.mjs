// Times Ossicle's int8 layers beside ONNX Runtime Web's on the same weights. The same file runs in Node and, served as it is, in a page.
import { median } from '../measure.mjs';

/** What is measured. `goals`: the median ratio of ONNX Runtime's time to ours. */
export const SHAPES = [
  { name: 'minilm', title: 'MiniLM-L6-384', layers: 6, channels: 384, heads: 12, feedForward: 1536 },
  { name: 'student', title: 'student, 3 layers', layers: 3, channels: 384, heads: 12, feedForward: 1536 },
];
export const TOKENS = [16, 32, 128];
/** Ways of ours: the build, and kernels::Dot, of which the relaxed build has two. */
export const WAYS = {
  'relaxed, pairs': { variant: 'relaxed', dot: 0 },
  'relaxed, quads': { variant: 'relaxed', dot: 1 },
  simd: { variant: 'simd', dot: 0 },
};
export const GOALS = { relaxed: { 16: 3.2, 32: 3.0, 128: 3.0 }, simd: { 16: 1.6, 32: 1.5, 128: 1.5 } };
/** ONNX Runtime's own quantisation in every form; the fastest is the peer. */
export const INT8 = ['int8-s8-tensor', 'int8-s8-channel', 'int8-u8-tensor', 'int8-u8-channel'];
const PEAKS = ['own kernel', 'i32x4.relaxed_dot_i8x16_i7x16_add'];

const PLAN = { repetitions: 31, f32Repetitions: 5, sampleMs: 15, warmMs: 300, peakRounds: 1e6 };

/** Products alone; attention's own are not counted. */
export const multiplications = ({ layers, channels: c, feedForward: f }, tokens) => layers * tokens * (4 * c * c + 2 * c * f);

/** Numbers of a normalised state's size, the same everywhere. */
function state(n) {
  let seed = 7;
  return Float32Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return ((seed >>> 8) / 2 ** 23 - 1) * Math.sqrt(3);
  });
}

function cosine(a, b) {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

function measurePeaks(core) {
  const peaks = {};
  for (const [kind, name] of PEAKS.entries()) {
    let best = 0;
    for (let i = 0; i < 9; i++) {
      const start = performance.now();
      const done = core.encoder_peak(kind, PLAN.peakRounds);
      best = Math.max(best, done / (performance.now() - start) / 1e6);
    }
    if (best > 0) peaks[name] = best;
  }
  return peaks;
}

/** A module with the weights of a shape, opened one way. Its run() leaves the output in place; output() copies it. */
export async function openOurs(bytes, dot, shape, weights) {
  const { instance } = await WebAssembly.instantiate(bytes, { env: { emscripten_notify_memory_growth() {} } });
  const core = instance.exports;
  core._initialize();
  const at = core.encoder_take(shape.layers, shape.channels, shape.heads, shape.feedForward, Math.max(...TOKENS));
  new Uint8Array(core.memory.buffer, at, weights.byteLength).set(new Uint8Array(weights));
  const code = core.encoder_open(dot);
  if (code !== 0) throw new Error(`the stack does not open: ${code}`);
  const view = (address, n) => new Float32Array(core.memory.buffer, address, n);
  return {
    core,
    prepare: (x) => view(core.encoder_input(), x.length).set(x),
    run: (tokens) => core.encoder_run(tokens),
    output: (n) => view(core.encoder_output(), n).slice(),
  };
}

/** `files(name)` gives the bytes of a model or of its weights. */
async function openTheirs(ort, files, name) {
  const session = await ort.InferenceSession.create(new Uint8Array(await files(name)), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  let input;
  let last;
  return {
    prepare: (x, dims) => (input = new ort.Tensor('float32', x, dims)),
    run: async () => (last = (await session.run({ state: input })).output.data),
    output: () => Float32Array.from(last),
    close: () => session.release(),
  };
}

async function meanMs(inner, run) {
  const start = performance.now();
  for (let i = 0; i < inner; i++) await run();
  return (performance.now() - start) / inner;
}

/** Median times of all `runs` (name -> function), repetition by repetition in turn, so that all see the same noise. */
async function alternate(runs, repetitions) {
  const inner = {};
  const times = {};
  for (const [name, run] of Object.entries(runs)) {
    const from = performance.now();
    let once = Infinity;
    while (performance.now() - from < PLAN.warmMs) once = Math.min(once, Math.max(await meanMs(1, run), 1e-3));
    inner[name] = Math.max(1, Math.floor(PLAN.sampleMs / once));
    times[name] = [];
  }
  for (let i = 0; i < repetitions; i++) {
    for (const [name, run] of Object.entries(runs)) times[name].push(await meanMs(inner[name], run));
  }
  return times;
}

/** The fastest of ONNX Runtime's int8 models at 32 tokens. */
async function fastestInt8(ort, files, shape) {
  const runs = {};
  const open = [];
  const x = state(32 * shape.channels);
  for (const form of INT8) {
    const session = await openTheirs(ort, files, `${shape.name}-${form}.onnx`);
    session.prepare(x, [1, 32, shape.channels]);
    open.push(session);
    runs[form] = session.run;
  }
  const times = await alternate(runs, 5);
  for (const session of open) await session.close();
  return INT8.reduce((best, form) => (median(times[form]) < median(times[best]) ? form : best));
}

/** `modules`: variant -> bytes. Resolves to { form, peaks, cases }; a case is { tokens, f32Ms, theirsCosineF32, ours: { way: {...} } }. */
export async function measureShape(ort, files, modules, shape) {
  const form = await fastestInt8(ort, files, shape);
  const weights = await files(`${shape.name}.f32`);
  const engines = { int8: await openTheirs(ort, files, `${shape.name}-${form}.onnx`), f32: await openTheirs(ort, files, `${shape.name}-f32.onnx`) };
  const peaks = {};
  for (const [way, { variant, dot }] of Object.entries(WAYS)) {
    engines[way] = await openOurs(modules[variant], dot, shape, weights);
    peaks[variant] ??= measurePeaks(engines[way].core);
  }
  const cases = [];
  for (const tokens of TOKENS) {
    const n = tokens * shape.channels;
    const runs = {};
    const outputs = {};
    for (const [name, engine] of Object.entries(engines)) {
      engine.prepare(state(n), [1, tokens, shape.channels]);
      runs[name] = () => engine.run(tokens);
      await runs[name]();
      outputs[name] = engine.output(n);
    }
    // In pairs, as a page would hold one of them: all at once do not fit the third-level cache, and would time the memory.
    const ours = {};
    for (const [way, { variant }] of Object.entries(WAYS)) {
      const times = await alternate({ int8: runs.int8, ours: runs[way] }, PLAN.repetitions);
      const ms = median(times.ours);
      const gmacs = multiplications(shape, tokens) / ms / 1e6;
      ours[way] = {
        ms,
        theirsMs: median(times.int8),
        ratio: median(times.int8.map((theirs, i) => theirs / times.ours[i])),
        gmacs,
        share: gmacs / Math.max(...Object.values(peaks[variant])),
        cosineInt8: cosine(outputs[way], outputs.int8),
        cosineF32: cosine(outputs[way], outputs.f32),
        sameBits: outputs[way].every((v, i) => Object.is(v, outputs.simd[i])),
      };
    }
    const f32 = await alternate({ f32: runs.f32 }, PLAN.f32Repetitions);
    cases.push({ tokens, f32Ms: median(f32.f32), theirsCosineF32: cosine(outputs.int8, outputs.f32), ours });
  }
  return { form, peaks, cases };
}
