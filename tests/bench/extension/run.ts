/**
 * What the extension costs a machine that has it: the start of its engine in the offscreen document, memory with and without it, and processor
 * time while nothing plays. `--starts N` (9), `--seconds N` (60).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as kit from '../../web/extension-kit.ts';
import { ask } from '../../web/extension-kit.ts';

const TICKS_IN_SECOND = 100;
const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '60' },
  },
});
const starts = Number(values.starts);
const seconds = Number(values.seconds);
assert(starts > 0 && seconds > 0, '--starts and --seconds are numbers above 0');

/** The processes that run extensions in the browser over `profile`: ours is the only one. */
function processes(profile: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const cmdlineOf = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      // It has ended meanwhile.
      return '';
    }
  };
  return pids
    .filter((pid) => cmdlineOf(pid).includes('--extension-process'))
    .filter((pid) => isOf(Number(pid), profile, cmdlineOf))
    .map(Number);
}

/** Whether one of its ancestors was started over `profile`. */
function isOf(pid: number, profile: string, cmdlineOf: (pid: string) => string): boolean {
  for (let at = pid; at > 1;) {
    if (cmdlineOf(String(at)).includes(`--user-data-dir=${profile}`)) return true;
    const fields = readFileSync(`/proc/${at}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    at = Number(fields?.[1]);
  }
  return false;
}

/** Proportional set size in MB. */
function memoryOf(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return Number(pss?.[1]);
  });
  return kilobytes.reduce((sum, kb) => sum + kb, 0) / 1000;
}

/** Processor time in milliseconds. */
function timeOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return (ticks.reduce((sum, n) => sum + n, 0) * 1000) / TICKS_IN_SECOND;
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN;
}

/** The start of the engine in a browser that was just started over a new profile: nothing of it is compiled or cached. */
async function coldStart(): Promise<{ readonly engine: number; readonly home: number }> {
  using folder = kit.temporaryFolder();
  await using extension = await kit.startExtension(folder.path);
  const { witness } = extension;
  const home = await witness.evaluate(async () => {
    const from = performance.now();
    await chrome.runtime.sendMessage({ kind: 'home' });
    return performance.now() - from;
  });
  const { openedInMs } = await ask<{ readonly openedInMs: number }>(witness, 'opened');
  return { engine: openedInMs, home };
}

const cold: { readonly engine: number; readonly home: number }[] = [];
for (let i = 0; i < starts; ++i) {
  cold.push(await coldStart());
  process.stderr.write(`start ${i + 1} of ${starts}\n`);
}
const ms = (of: readonly number[]): string => {
  const [least, most] = [Math.min(...of), Math.max(...of)].map(Math.round);
  return `${Math.round(median(of))} ms (${least} to ${most}, ${of.length} browsers)`;
};
console.log(`engine in the offscreen document: ${ms(cold.map(({ engine }) => engine))}`);
console.log(`the document itself, before it: ${ms(cold.map(({ home }) => home))}`);

using folder = kit.temporaryFolder();
await using extension = await kit.startExtension(folder.path);
const { profile, witness } = extension;
const pids = (): readonly number[] => processes(profile);
// One page of ours stays open, without which nothing of ours might run at all.
await rest(5000);
await extension.endWorker();
console.log(`memory without the engine: ${memoryOf(pids()).toFixed(0)} MB`);

async function idle(what: string): Promise<void> {
  // The service worker rests after 30 seconds.
  await rest(40_000);
  const ours = pids();
  assert(ours.length > 0);
  const before = timeOf(ours);
  await rest(seconds * 1000);
  console.log(
    `${what}: ${timeOf(ours) - before} ms of processor time in ${seconds} s, ${memoryOf(ours).toFixed(0)} MB`,
  );
}

await idle('nothing plays, no engine');
await ask(witness, 'opened');
await ask(witness, 'recommend', [{}]);
await idle('nothing plays, engine open');
