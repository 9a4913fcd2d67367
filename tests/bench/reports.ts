/**
 * node tests/bench/reports.ts [REPORTS] [PER_SECOND] [postgres]: reports of full size to aggregator A on loopback, which brings them to B meanwhile; A and B are one
 * program, and on Linux have one core to themselves. First as many as go, then PER_SECOND (100): accepted reports/s, how long an answer took, and how much
 * processor time a report cost both, which says what one core could do when something else runs beside it. With
 * PostgreSQL (primary and standby on the same machine, and what they use counts, too) as their store when asked to.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  makeReport,
  randomBlock,
  randomTable,
  startPair,
} from '../../web/server/test/aggregate-kit.ts';
import { PostgresServers } from '../../web/server/test/postgres-servers.ts';
import { sealTo } from '../../web/server/src/aggregate/sealing.ts';
import type { Round } from '../../web/wire/src/report/index.ts';

const SERVE = 'serve';
const POSTGRES = 'postgres';

interface Started {
  readonly round: Round;
  readonly id: readonly number[];
  readonly address: string;
}

interface Used {
  /** Since the start, in microseconds. */
  readonly cpu: number;
  /** Reports that A has still to bring to B. */
  readonly waiting: number;
}

async function serve(store: string | undefined): Promise<void> {
  await using servers = store === POSTGRES ? await PostgresServers.start(['a', 'b']) : null;
  await using pair = await startPair({
    round: { blocks: 2, minBatch: 1 },
    ...(servers && { database: (role) => servers.url(role) }),
  });
  const stop = new AbortController();
  const running = pair.a.run(
    200,
    () => Promise.resolve(),
    (cause) => console.error(cause),
    stop.signal,
  );
  const start = process.cpuUsage();
  const tell = async (): Promise<void> => {
    const { user, system } = process.cpuUsage(start);
    const cpu = user + system + (servers?.cpu() ?? 0);
    process.send?.({ cpu, waiting: await pair.a.store.pending(pair.id) });
  };
  process.on('message', () => void tell());
  process.send?.({ round: pair.round, id: [...pair.id], address: pair.address });
  await once(process, 'disconnect');
  stop.abort();
  await running;
}

async function measure(reports: number, perSecond: number, store: string): Promise<void> {
  const program = fork(import.meta.filename, [SERVE, store]);
  if (process.platform === 'linux') spawnSync('taskset', ['-a', '-p', '-c', '0', `${program.pid}`]);
  const [started] = (await once(program, 'message')) as [Started];
  const { round, address } = started;
  const id = Uint8Array.from(started.id);
  const [a, b] = round.aggregators;
  const seal = await sealTo({ a: a.key, b: b.key });
  const used = async (): Promise<Used> => {
    program.send('');
    const [answer] = (await once(program, 'message')) as [Used];
    return answer;
  };
  const make = (): Promise<Uint8Array<ArrayBuffer>> =>
    makeReport({ id, block: randomBlock(round) }, round, randomTable(round), seal);
  let times: number[] = [];
  const send = async (body: Uint8Array<ArrayBuffer>): Promise<void> => {
    const start = performance.now();
    const headers = { 'content-type': 'application/octet-stream' };
    const { status } = await fetch(address, { method: 'POST', body, headers });
    if (status !== 201) throw new Error(`A report got ${status}.`);
    times.push(performance.now() - start);
  };
  const measured = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    times = [];
    const before = await used();
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    let after = await used();
    while (after.waiting > 0) {
      await sleep(20);
      after = await used();
    }
    const sorted = times.toSorted((x, y) => x - y);
    const at = (part: number): string => (sorted[Math.floor(part * sorted.length)] ?? 0).toFixed(1);
    const rate = (times.length / seconds).toFixed(0);
    const cost = ((after.cpu - before.cpu) / 1000 / times.length).toFixed(2);
    console.log(
      `${what}: ${rate} accepted/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${cost} ms of processor a report (A and B${store === POSTGRES ? ', primary and standby' : ''})`,
    );
  };
  const batch = async (): Promise<Uint8Array<ArrayBuffer>[]> => {
    const all: Uint8Array<ArrayBuffer>[] = [];
    while (all.length < reports) all.push(await make());
    return all;
  };

  const first = await batch();
  const client = async (): Promise<void> => {
    for (let one = first.pop(); one; one = first.pop()) await send(one);
  };
  await measured('8 clients, as fast as they can', () =>
    Promise.all(Array.from({ length: 8 }, client)),
  );
  const second = await batch();
  await measured(`${perSecond} a second`, async () => {
    const start = performance.now();
    const sent: Promise<void>[] = [];
    for (const [i, one] of second.entries()) {
      await sleep(Math.max(0, start + (1000 * i) / perSecond - performance.now()));
      sent.push(send(one));
    }
    await Promise.all(sent);
  });
  program.disconnect();
}

const [first, second, third = 'sqlite'] = process.argv.slice(2);
await (first === SERVE
  ? serve(second)
  : measure(Number(first ?? 600), Number(second ?? 100), third));
