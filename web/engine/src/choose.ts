import type { AbiExports } from './abi.gen.ts';
import { Core } from './core.ts';
import { messageOf, OssicleError } from './errors.ts';
import { load } from './loader.ts';
import type { Variant } from './protocol.ts';

/** (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt) */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** (func (result v128) three times i32.const 1 i8x16.splat, i32x4.relaxed_dot_i8x16_i7x16_add_s) */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 19, 1, 17, 0, 65, 1, 253, 15, 65, 1, 253, 15, 65, 1, 253, 15, 253, 147, 2, 11],
);

/** Rounds after which V8 and SpiderMonkey compile the kernels with their optimising compiler. */
const TIER_UP_ROUNDS = 2000;
/** Rounds between two turns of the event loop, in which files arrive and compilers put their code in place. */
const ROUNDS_AT_ONCE = 250;

export interface Chosen {
  readonly core: Core;
  readonly variant: Variant;
  readonly reason: string;
}

export function fileOf(variant: Variant): string {
  return `ossicle-${variant}.wasm`;
}

/** Lets the event loop go round once, without the 4 ms that a browser's timers take after some. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as {
    readonly setImmediate?: (then: () => void) => unknown;
  };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve); // Node, where a first MessageChannel takes far longer
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** null when every answer is right, cold and after tier-up. */
async function selftest(core: Core): Promise<string | null> {
  const warm = Array.from(
    { length: TIER_UP_ROUNDS / ROUNDS_AT_ONCE },
    () => ['while it tiers up', ROUNDS_AT_ONCE] as const,
  );
  const runs = [['cold', 1] as const, ...warm, ['after tier-up', 1] as const];
  try {
    for (const [when, rounds] of runs) {
      const wrong = core.selftest(rounds);
      if (wrong !== null) return `${wrong}, ${when}`;
      await turn();
    }
    return null;
  } catch (cause) {
    if (cause instanceof WebAssembly.RuntimeError) return `it trapped: ${messageOf(cause)}`;
    throw cause;
  }
}

/**
 * Loads the fastest build that computes right here. Both the probe and the self-test decide, because an engine may accept
 * relaxed SIMD and compute it wrong (V8 11.3 doubles the relaxed dot product in its baseline compiler).
 * Errors: unsupported_browser; those of `read` and of load().
 */
export async function choose(
  read: (file: string) => Promise<Uint8Array<ArrayBuffer>>,
  forced?: Variant,
  start: (bytes: Uint8Array<ArrayBuffer>, file: string) => Promise<AbiExports> = load,
): Promise<Chosen> {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD_PROBE)) {
    const what = 'This browser has no WebAssembly SIMD, which Ossicle needs.';
    throw new OssicleError(
      'unsupported_browser',
      `${what} Any Chrome, Firefox or Edge since 2021 and Safari since 16.4 has it: please update.`,
    );
  }
  const open = async (variant: Variant): Promise<Core> => {
    const file = fileOf(variant);
    return new Core(await start(await read(file), file));
  };
  const refuse = (variant: Variant, wrong: string): OssicleError =>
    new OssicleError(
      'unsupported_browser',
      `The ${variant} build computes wrong results in this browser: ${wrong}. Please update the browser, and report this.`,
      fileOf(variant),
    );
  const plain = async (reason: string): Promise<Chosen> => {
    const core = await open('simd');
    const wrong = await selftest(core);
    if (wrong !== null) throw refuse('simd', wrong);
    return { core, variant: 'simd', reason };
  };

  if (forced === 'simd') return plain('asked for');
  const validates = WebAssembly.validate(RELAXED_PROBE);
  if (!validates && forced === undefined) return plain('this browser has no relaxed SIMD');
  if (!validates) {
    const what = 'This browser has no relaxed SIMD, and the relaxed build was asked for.';
    throw new OssicleError('unsupported_browser', `${what} Leave \`variant\` out.`);
  }
  const core = await open('relaxed');
  const wrong = await selftest(core);
  if (wrong === null) {
    const reason = forced ? 'asked for' : 'relaxed SIMD is there and passed the self-test';
    return { core, variant: 'relaxed', reason };
  }
  if (forced) throw refuse('relaxed', wrong);
  return plain(`the relaxed build failed the self-test here: ${wrong}`);
}
