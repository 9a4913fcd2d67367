/** A deployment of its own for a run: a catalogue of the first listeners, a log, a server with both aggregators, and a page that has the package. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { main } from '../../../web/server/src/main.ts';
import { startServer, type Server } from '../../../web/server/src/server.ts';
import { freePort } from '../../web/site.ts';
import type { Dealt } from './listeners.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DIST = join(ROOT, 'web', 'engine', 'dist');
const TOOL = join(DIST, '..', 'bin', 'ossicle.mjs');

const tool = (...args: readonly string[]): void => {
  execFileSync(process.execPath, [TOOL, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
};

export interface RoundSettings {
  /** How long reports are taken. */
  readonly seconds: number;
  /** Noise of each aggregator over the most that a report weighs. */
  readonly sigma: number;
  readonly minBatch: number;
}

export interface Learnt {
  readonly code: number;
  /** What the command said. */
  readonly said: string;
}

export class Deployment implements AsyncDisposable {
  readonly #folder: string;
  readonly #dealt: Dealt;
  /** The same for every start: a round names it. */
  readonly #port: number;
  #server: Server | null = null;

  private constructor(folder: string, dealt: Dealt, port: number) {
    this.#folder = folder;
    this.#dealt = dealt;
    this.#port = port;
  }

  /** Trains, publishes epoch 1 and makes the page. `folder`: empty. */
  static async make(folder: string, dealt: Dealt): Promise<Deployment> {
    const made = new Deployment(folder, dealt, await freePort());
    const training = ['--ratings', dealt.training];
    const settings = ['--loss', 'plain', '--factors', '128', '--min-listeners', '2', '--seed', '1'];
    tool('train', ...training, ...settings, '--out', made.#bundle);
    tool('prior', '--catalogue', made.#bundle, ...training, '--out', made.#prior);
    const page = join(folder, 'page');
    cpSync(fileURLToPath(new URL('page/', import.meta.url)), page, { recursive: true });
    // Copies: a run takes minutes, and the package may be built anew meanwhile.
    const isScript = (path: string): boolean => !path.includes(join('dist', 'assets'));
    cpSync(DIST, join(page, 'ossicle'), { recursive: true, filter: isScript });
    for (const name of ['simd', 'relaxed', 'private']) {
      const file = join('assets', `ossicle-${name}.wasm`);
      cpSync(join(DIST, file), join(page, file));
    }
    cpSync(made.#bundle, join(page, 'assets', 'catalogue'), { recursive: true });
    await made.#done('init', '--origin', 'log.example');
    await made.#done('publish', made.#bundle);
    return made;
  }

  get origin(): string {
    if (this.#server === null) throw new Error('The server was not started.');
    return this.#server.origin;
  }

  /** Opens a round, and serves. */
  async open({ seconds, sigma, minBatch }: RoundSettings): Promise<void> {
    await this.#stop();
    const url = `http://localhost:${this.#port}/sync/`;
    const noise = ['--sigma', String(sigma), '--min-batch', String(minBatch)];
    // All of these browsers have one address.
    const days = ['--days', (seconds / 86_400).toFixed(9)];
    await this.#done('round', 'open', ...days, '--url', url, ...noise, '--no-tokens');
    await this.serve();
  }

  /** Waits until the round is over and both aggregators' sums, of so many reports, are in the log. Gives how many reports each block has. */
  async close(reports: number): Promise<readonly number[]> {
    const { operators } = this.#server ?? {};
    const round = operators?.a.rounds().at(-1);
    if (!operators || !round) throw new Error('No round is open.');
    await sleep(Math.max(0, Date.parse(round.round.closes) - Date.now()));
    const counts = async (): Promise<readonly number[]> => {
      const all = await operators.b.store.blocks(round.id);
      const unseen = [
        ...(await operators.a.store.unpublished()),
        ...(await operators.b.store.unpublished()),
      ];
      return unseen.length > 0
        ? []
        : all.filter(({ state }) => state !== 'open').map(({ count }) => count);
    };
    for (let tries = 0; tries < 600; ++tries) {
      const found = await counts();
      if (found.reduce((sum, n) => sum + n, 0) === reports) return found;
      await sleep(50);
    }
    throw new Error('The sums were not published within half a minute.');
  }

  /** The publishers' command, while nothing is served; then what they published is. */
  async learn(): Promise<Learnt> {
    await this.#stop();
    const { publicListeners } = this.#dealt;
    const learnt = await this.#run('learn', '--listeners', publicListeners, '--prior', this.#prior);
    await this.serve();
    return learnt;
  }

  /** Starts the server, where none runs. */
  async serve(): Promise<void> {
    this.#server = await startServer({
      data: this.#data,
      page: join(this.#folder, 'page'),
      port: this.#port,
      addEveryMs: 50,
      requestsPerMinute: 1_000_000,
    });
  }

  async #run(...args: readonly string[]): Promise<Learnt> {
    let said = '';
    const say = (text: string): void => void (said += `${text}\n`);
    return { code: await main([...args, '--data', this.#data], say, say), said };
  }

  async #done(...args: readonly string[]): Promise<void> {
    const { code, said } = await this.#run(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
  }

  async #stop(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }
  get #bundle(): string {
    return join(this.#folder, 'bundle');
  }
  get #prior(): string {
    return join(this.#folder, 'prior.safetensors');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}
