/**
 * node tests/bench/reports.ts [REPORTS] [PER_SECOND] [postgres]: reports of full size to aggregator A on loopback, which checks them and brings them to B meanwhile.
 * First A and B are one program on one core; then, where there are two cores, A has one of them, and B and the clients have the other. Each time as many reports
 * as go, then PER_SECOND (100), whatever becomes of those before: accepted reports/s, how long an answer took since the report was due, and how much processor
 * time one cost. With PostgreSQL (primary and standby on the core of A, and what they use is told) as their store when asked to.
 */
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeReport, randomBlock, randomTable } from '../../web/server/test/aggregate-kit.ts';
import { hasTwoCores, makeSetting, Operators, type Setting } from './reports/operators.ts';

type Report = Uint8Array<ArrayBuffer>;

const CLIENTS = 8;
const PLACES = [
  ['A and B on one core', [{ roles: ['b', 'a'], core: 0 }]],
  [
    'A on one core, B and the clients on another',
    [
      { roles: ['b'], core: 1 },
      { roles: ['a'], core: 0 },
    ],
  ],
] as const;

const agent = new Agent({ keepAlive: true });
/** Not measured: until then the programs are still being compiled. */
const WARM_UP = 100;
const reports = Number(process.argv[2] ?? 600);
const perSecond = Number(process.argv[3] ?? 100);
const isPostgres = process.argv[4] === 'postgres';

/** Before any clock runs: a proof costs its client more than both aggregators. */
async function makeAll({ id, round, seal }: Setting, n: number): Promise<readonly Report[]> {
  const all: Report[] = [];
  while (all.length < n) {
    const header = { id, block: randomBlock(round) };
    all.push(await makeReport(header, round, randomTable(round), seal));
    if (all.length % 100 === 0) console.error(`${all.length} of ${n} reports are made`);
  }
  return all;
}

/** How long the answer took since `due`, in milliseconds. Errors: it is not accepted. */
async function send(address: string, body: Report, due: number): Promise<number> {
  // Not fetch(), which takes as long for a report as aggregator B.
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
  };
  const sent = request(address, { agent, method: 'POST', headers });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  if (answer.statusCode !== 201) throw new Error(`A report got ${answer.statusCode}.`);
  return performance.now() - due;
}

type Load = (address: string, reports: readonly Report[]) => Promise<readonly number[]>;

const asFastAsTheyCan: Load = async (address, all) => {
  const left = [...all];
  const times: number[] = [];
  const client = async (): Promise<void> => {
    for (let one = left.pop(); one; one = left.pop()) {
      times.push(await send(address, one, performance.now()));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return times;
};

const atARate: Load = async (address, all) => {
  const start = performance.now();
  const sent: Promise<number>[] = [];
  for (const [i, one] of all.entries()) {
    const due = start + (1000 * i) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    sent.push(send(address, one, due));
  }
  return Promise.all(sent);
};

async function measure(
  what: string,
  operators: Operators,
  load: Load,
  all: readonly Report[],
): Promise<void> {
  const before = await operators.settled();
  const start = performance.now();
  const times = (await load(operators.address, all)).toSorted((x, y) => x - y);
  const seconds = (performance.now() - start) / 1000;
  const after = await operators.settled();
  const at = (part: number): string => (times[Math.floor(part * times.length)] ?? 0).toFixed(1);
  const costs = [...after].map(([name, cpu]) => {
    const each = (cpu - (before.get(name) ?? 0)) / 1000 / times.length;
    return `${name} ${each.toFixed(2)} ms`;
  });
  const rate = (times.length / seconds).toFixed(0);
  console.log(
    `${what}: ${rate} accepted/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; processor a report: ${costs.join(', ')}`,
  );
}

const setting = await makeSetting();
const all = await makeAll(setting, WARM_UP + 2 * reports);
for (const [where, placed] of PLACES.slice(0, hasTwoCores ? 2 : 1)) {
  console.log(where);
  await using operators = await Operators.start(setting, placed, isPostgres);
  await asFastAsTheyCan(operators.address, all.slice(0, WARM_UP));
  const half = [all.slice(WARM_UP, WARM_UP + reports), all.slice(WARM_UP + reports)] as const;
  await measure(`  ${CLIENTS} clients, as fast as they can`, operators, asFastAsTheyCan, half[0]);
  await measure(`  ${perSecond} a second`, operators, atARate, half[1]);
}
