/** A small catalogue, what is public of it, and rounds whose sums say what a test wants. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNote, sign, toHex, writeNote } from '@ossicle/wire/log';
import {
  bytesOf,
  numbersOf,
  roundId,
  ROUND_KIND,
  sumsText,
  toField,
  type Round,
} from '@ossicle/wire/report';
import { hashOf } from '@ossicle/wire/snapshot';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import type { DataFolder } from '../src/folder.ts';
import { readKey } from '../src/keys.ts';
import { openLog, type OpenLog } from '../src/open.ts';
import { newLog, run, type TestEnd } from './kit.ts';

const ITEMS = 600;
export const FACTORS = 16;
/** The package's command line. */
export const tool = fileURLToPath(
  new URL('../bin/ossicle.mjs', import.meta.resolve('ossicle/node')),
);

let work = '';
/** The path of a file of this test. */
export const at = (name: string): string => join(work, name);
const ossicle = (...words: readonly string[]): void => {
  execFileSync(process.execPath, [tool, ...words], { cwd: work, stdio: 'pipe' });
};

/** Numbers below 1 that are the same in every run. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Listeners of six scenes; well-known items come first in each. */
function ratings(first: number, n: number): string {
  const lines = ['user\titem\tplays'];
  for (let user = first; user < first + n; ++user) {
    const next = numbersFrom(user);
    const items = new Set<number>();
    while (items.size < 24) {
      const rank = Math.floor((ITEMS / 6) * next() ** 2);
      items.add(6 * rank + (next() < 0.85 ? user % 6 : Math.floor(6 * next())));
    }
    for (const item of items) lines.push(`u${user}\titem ${item}\t1`);
  }
  return `${lines.join('\n')}\n`;
}

/** Listeners whom no list pleases: each heard a few items that hardly anybody knows. Their recall cannot fall, whatever the noise of a run. */
function oddRatings(n: number): string {
  const next = numbersFrom(3);
  const lines = ['user\titem\tplays'];
  for (let user = 0; user < n; ++user) {
    const items = new Set<number>();
    while (items.size < 6) items.add(Math.floor(ITEMS * (0.6 + 0.4 * next())));
    for (const item of items) lines.push(`odd${user}\titem ${item}\t1`);
  }
  return `${lines.join('\n')}\n`;
}

/** The bytes of a tensor of a safetensors file. */
async function tensor(path: string, name: string): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(await readFile(path));
  const size = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [from, to] = header[name]?.data_offsets ?? [0, 0];
  return bytes.slice(8 + size + from, 8 + size + to).buffer;
}

export type Direction = (item: number) => readonly number[];

/** Where the listeners of an item point to if its row is right: along G q. */
export async function honest(): Promise<Direction> {
  const moment = new Float64Array(await tensor(at('prior'), 'prior.moment'));
  const q = new Int8Array(await tensor(at('start/catalogue-0.safetensors'), 'item.q'));
  return (item) => {
    const ours = Array.from(q.subarray(item * FACTORS, (item + 1) * FACTORS));
    return ours.map((_, r) =>
      ours.reduce((sum, x, c) => sum + (moment[r * FACTORS + c] ?? 0) * x, 0),
    );
  };
}

/** What so many listeners report on average: as many of each item as are expected. */
export async function averageTable(
  block: number,
  round: Round,
  directionOf: Direction,
  reports = 1,
): Promise<Int32Array<ArrayBuffer>> {
  const share = new Float64Array(await tensor(at('prior'), 'prior.share'));
  const table = new Int32Array(numbersOf(round));
  const steps = reports * 2 ** round.fractionBits;
  for (let row = 0; 2 * row + block < ITEMS; ++row) {
    const expected = share[block * round.rows + row] ?? 0;
    const direction = directionOf(2 * row + block);
    const length = Math.hypot(...direction) || 1;
    direction.forEach((x, k) => {
      table[row * (FACTORS + 1) + k] = Math.round((0.6 * expected * steps * x) / length);
    });
    table[row * (FACTORS + 1) + FACTORS] = Math.round(0.25 * expected * steps);
  }
  return table;
}

/** Of both blocks of the round that is open. */
export async function tablesOf(
  folder: DataFolder,
  directionOf: Direction,
): Promise<readonly Int32Array<ArrayBuffer>[]> {
  await using opened = await openLog(folder);
  const round = roundOfEntry(opened.log.entries.ofKind(ROUND_KIND).at(-1) ?? '');
  assert(round);
  return await Promise.all([0, 1].map((block) => averageTable(block, round, directionOf)));
}

/** The sum of one aggregator as it would have published it. */
export async function publishSum(
  opened: OpenLog,
  role: 'a' | 'b',
  block: number,
  numbers: Uint32Array<ArrayBuffer>,
  count: number,
  signer = `operator-${role}`,
): Promise<void> {
  const { folder, log } = opened;
  const { text = '' } = readNote(log.entries.ofKind(ROUND_KIND).at(-1) ?? '') ?? {};
  const bytes = bytesOf(numbers);
  const sum = await hashOf(bytes);
  await writeFile(folder.file(`blob/${sum}`), bytes);
  const ids = '0'.repeat(64);
  const round = toHex(await roundId(text));
  const said = sumsText({ round, block, role, count, ids, sum, bytes: bytes.length });
  const signatures = [await sign(said, await readKey(folder.key(signer)), 0)];
  await log.append([writeNote({ text: said, signatures })]);
}

/** The sums of the blocks as if so many had reported along `directionOf`. */
export async function publishSums(
  opened: OpenLog,
  directionOf: Direction,
  reports: number,
  blocks: readonly number[] = [0, 1],
): Promise<void> {
  const round = roundOfEntry(opened.log.entries.ofKind(ROUND_KIND).at(-1) ?? '');
  assert(round);
  for (const block of blocks) {
    const table = await averageTable(block, round, directionOf, reports);
    await publishSum(opened, 'a', block, toField(table), reports);
    await publishSum(opened, 'b', block, new Uint32Array(table.length), reports);
  }
}

export async function nextRound(folder: DataFolder, days = 7): Promise<void> {
  const words = ['--sigma', '0.001', '--min-batch', '2', '--no-tokens', '--days', `${days}`];
  const { code, error } = await run('round', 'open', ...words, '--data', folder.path);
  assert.equal(code, 0, error);
}

export async function openRound(t: TestEnd, days = 7): Promise<DataFolder> {
  const folder = await newLog(t);
  assert.equal((await run('publish', at('start'), '--data', folder.path)).code, 0);
  await nextRound(folder, days);
  return folder;
}

/** Makes start, other (a catalogue of the same items), prior, asked.tsv, fewer.tsv and usual.tsv. */
export async function makeFiles(): Promise<void> {
  work = await mkdtemp(join(tmpdir(), 'ossicle-learn-'));
  await writeFile(at('seeds.tsv'), ratings(0, 300));
  await writeFile(at('asked.tsv'), oddRatings(12));
  await writeFile(at('fewer.tsv'), oddRatings(11));
  await writeFile(at('usual.tsv'), ratings(1000, 120));
  const train = (iterations: number, out: string): void =>
    ossicle(
      ...['train', '--ratings', 'seeds.tsv', '--factors', `${FACTORS}`],
      ...['--iterations', `${iterations}`, '--out', out],
    );
  train(3, 'start');
  train(4, 'other');
  ossicle('prior', '--catalogue', 'start', '--ratings', 'seeds.tsv', '--out', 'prior');
}

export const removeFiles = (): Promise<void> => rm(work, { recursive: true });
