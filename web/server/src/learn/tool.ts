/** `ossicle learn` of the package, in WebAssembly: the very bytes that everybody else gets. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bytes } from '@ossicle/wire/log';
import { InputError } from '../errors.ts';

const TOOL = fileURLToPath(new URL('../bin/ossicle.mjs', import.meta.resolve('ossicle/node')));
/** Of the tool: a gate refuses. */
const REFUSED = 3;

export interface BlockOfSums {
  readonly block: number;
  readonly count: number;
  readonly a: Bytes;
  readonly b: Bytes;
}

export interface LearnInput {
  /** Files of the catalogue that contributors used. */
  readonly bundle: ReadonlyMap<string, Bytes>;
  readonly prior: Bytes;
  readonly blocks: readonly BlockOfSums[];
  readonly listeners: Bytes;
  /** null: this is the first epoch. */
  readonly variance: Bytes | null;
  readonly clip: number;
  readonly sigma: number;
  readonly fractionBits: number;
  readonly seed: number;
}

/** What the tool says of it; more than is named here is in the blob. */
export interface Report {
  readonly outcome: 'learnt' | 'nothing' | 'refused';
  readonly why: string;
  /** Blocks with the SHA-256 of both sums. */
  readonly sums: readonly { readonly block: number; readonly a: string; readonly b: string }[];
  readonly rows_moved: number;
  readonly held: readonly { readonly row: number; readonly name: string }[];
  readonly recall_at_20: { readonly before: number; readonly after: number };
}

export interface LearnOutput {
  readonly report: Report;
  readonly reportBytes: Bytes;
  /** Of an outcome "learnt". `folder` is there until the work with it is done. */
  readonly learnt: {
    readonly folder: string;
    readonly files: ReadonlyMap<string, Bytes>;
    readonly variance: Bytes;
  } | null;
}

const read = async (path: string): Promise<Bytes> => new Uint8Array(await readFile(path));

async function writeInput(folder: string, input: LearnInput): Promise<readonly string[]> {
  const at = (name: string): string => join(folder, name);
  await mkdir(at('catalogue'));
  for (const [path, bytes] of input.bundle) await writeFile(join(at('catalogue'), path), bytes);
  await writeFile(at('prior'), input.prior);
  await writeFile(at('listeners.tsv'), input.listeners);
  const words: string[] = [];
  for (const { block, count, a, b } of input.blocks) {
    const halves = [`sum-${block}-a`, `sum-${block}-b`] as const;
    await writeFile(at(halves[0]), a);
    await writeFile(at(halves[1]), b);
    words.push('--sums', [block, count, ...halves].join(':'));
  }
  if (input.variance) {
    await writeFile(at('variance'), input.variance);
    words.push('--variance', 'variance');
  }
  return words;
}

/** Exit code and what was said, with paths below `folder`. */
async function run(folder: string, words: readonly string[]): Promise<[number, string]> {
  try {
    await promisify(execFile)(process.execPath, [TOOL, ...words], { cwd: folder });
    return [0, ''];
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: unknown };
    if (typeof code !== 'number') throw cause;
    return [code, String(stderr).trim()];
  }
}

async function bundleIn(folder: string): Promise<ReadonlyMap<string, Bytes>> {
  const json = await read(join(folder, 'bundle.json'));
  const { files } = JSON.parse(new TextDecoder().decode(json)) as {
    readonly files: readonly { readonly path: string }[];
  };
  const found = new Map([['bundle.json', json]]);
  for (const { path } of files) found.set(path, await read(join(folder, path)));
  return found;
}

/** Runs the tool, and `use` with what it made. Errors: InputError (the input does not fit together, in the tool's words); those of `use`. */
export async function runLearn<T>(
  input: LearnInput,
  use: (output: LearnOutput) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ossicle-learn-'));
  try {
    const words = [
      ...['learn', '--catalogue', 'catalogue', '--prior', 'prior', '--listeners', 'listeners.tsv'],
      ...['--clip', `${input.clip}`, '--sigma', `${input.sigma}`, '--seed', `${input.seed}`],
      ...['--fraction-bits', `${input.fractionBits}`, ...(await writeInput(folder, input))],
      ...['--out', 'next', '--variance-out', 'variance-next', '--report', 'report.json'],
    ];
    const [code, error] = await run(folder, words);
    if (code !== 0 && code !== REFUSED) {
      throw new InputError(`${error}\nNothing was published; what is published stays as it is.`);
    }
    const reportBytes = await read(join(folder, 'report.json'));
    const report = JSON.parse(new TextDecoder().decode(reportBytes)) as Report;
    const next = join(folder, 'next');
    const learnt =
      report.outcome === 'learnt'
        ? {
            folder: next,
            files: await bundleIn(next),
            variance: await read(join(folder, 'variance-next')),
          }
        : null;
    return await use({ report, reportBytes, learnt });
  } finally {
    await rm(folder, { recursive: true });
  }
}
