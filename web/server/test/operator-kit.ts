/** Two operators in programs of their own, and the publishers' log that names them: for tests. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROLES, ROUND_KIND, type Role, type Round } from '@ossicle/wire/report';
import { roundOfEntry } from '../src/aggregate/remote/log-rounds.ts';
import type { DataFolder } from '../src/folder.ts';
import type { Server } from '../src/server.ts';
import { freePort } from './aggregate-nodes.ts';
import type { OperatorConfig } from './operator-child.ts';
import { BUNDLE, emptyFolder, newLog, run, type TestEnd } from './kit.ts';

const PROGRAM = fileURLToPath(new URL('operator-child.ts', import.meta.url));
export const TWO_DAYS_MS = 2 * 86_400_000;

export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    assert(waited < 30_000, `${what}: not within half a minute`);
    await sleep(20);
  }
}

export class Operator {
  #program: ChildProcess | null = null;
  readonly config: OperatorConfig;
  heard = '';

  constructor(config: OperatorConfig) {
    this.config = config;
  }

  async start(changes: Partial<OperatorConfig> = {}): Promise<void> {
    const config = JSON.stringify({ ...this.config, ...changes });
    const program = spawn(process.execPath, [PROGRAM, config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    this.#program = program;
    program.stderr.on('data', (text: Buffer) => (this.heard += text.toString()));
    await Promise.race([
      once(program.stdout, 'data'),
      once(program, 'exit').then(() => assert.fail(this.heard)),
    ]);
  }

  async kill(): Promise<void> {
    const program = this.#program;
    if (program === null || program.exitCode !== null || program.signalCode !== null) return;
    program.kill('SIGKILL');
    await once(program, 'exit');
  }
}

export interface Deployment {
  readonly log: DataFolder;
  readonly port: number;
  readonly folders: Readonly<Record<Role, DataFolder>>;
  readonly operators: Readonly<Record<Role, Operator>>;
}

/** A log with a snapshot and a round that names two operators elsewhere. Nothing runs yet. */
export async function deploy(t: TestEnd): Promise<Deployment> {
  const log = await newLog(t, { freshSeconds: 31_536_000 });
  const published = await run('publish', BUNDLE, '--data', log.path);
  assert.equal(published.code, 0, published.error);
  const port = await freePort();
  const url = `http://localhost:${port}/sync/`;
  const folders = { a: await emptyFolder(t), b: await emptyFolder(t) };
  const ports = { a: await freePort(), b: await freePort() };
  const keys = { a: '', b: '' };
  for (const role of ROLES) {
    const told = await run('aggregate', '--role', role, '--keys', '--data', folders[role].path);
    keys[role] = told.out.trim();
    assert.match(keys[role], /^[\w+/]{43}=,operator-.\.localhost\+[0-9a-f]{8}\+\S+$/, told.error);
  }
  const named = ROLES.flatMap((role) => [
    ...[`--aggregator-${role}`, `http://127.0.0.1:${ports[role]}/sync/,${keys[role]}`],
  ]);
  const numbers = ['--sigma', '0.01', '--min-batch', '2', '--days', '1', '--url', url];
  const opened = await run('round', 'open', ...numbers, ...named, '--data', log.path);
  assert.equal(opened.code, 0, opened.error);
  const operator = (role: Role, other: Role): Operator =>
    new Operator({
      ...{ role, data: folders[role].path, log: url, peer: keys[other] },
      ...{ port: ports[role], aheadMs: 0 },
    });
  const operators = { a: operator('a', 'b'), b: operator('b', 'a') };
  t.after(async () => {
    await Promise.all([operators.a.kill(), operators.b.kill()]);
  });
  return { log, port, folders, operators };
}

export function roundIn(server: Server): Round {
  const round = roundOfEntry(server.log.log.entries.ofKind(ROUND_KIND)[0] ?? '');
  assert(round);
  return round;
}
