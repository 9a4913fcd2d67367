/** An aggregator as its operator runs it, in a program of its own, with a clock that may be ahead. Argument: JSON (OperatorConfig). Says "ready" when it answers. */
import type { Role } from '@ossicle/wire/report';
import { readPublicKeys, readOperator } from '../src/aggregate/remote/operator-keys.ts';
import { startAggregate } from '../src/aggregate/remote/aggregate-server.ts';
import { DataFolder } from '../src/folder.ts';

export interface OperatorConfig {
  readonly role: Role;
  readonly data: string;
  readonly log: string;
  /** As `aggregate --keys` prints them. */
  readonly peer: string;
  readonly port: number;
  readonly aheadMs: number;
}

const config = JSON.parse(process.argv[2] ?? '') as OperatorConfig;
const { role, log, port, aheadMs } = config;
const folder = new DataFolder(config.data);
const operator = await readOperator(folder, role);
const peer = await readPublicKeys(config.peer);
if (!operator || !peer) throw new Error('The keys are missing.');
await startAggregate({
  ...{ role, folder, operator, peer: peer.signer, log, policy: null, port },
  ...{ requestsPerMinute: 1_000_000, everyMs: 20, logEveryMs: 50 },
  now: () => new Date(Date.now() + aheadMs),
  onNotice: (text) => process.stderr.write(`${role}: ${text}\n`),
});
process.stdout.write('ready\n');
