/** A real Subsonic server: Supysonic, from the Python package index, in a folder of its own under build/. It has the demo album. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './site.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PINS = at('supysonic.txt');
const HOME = at('../../build/supysonic');

export const LOGIN = { user: 'alice', password: 'sesame' } as const;

export interface Subsonic extends AsyncDisposable {
  /** As it is: music without the header that lets web players have it (CORS). */
  readonly bare: string;
  /** Behind a reverse proxy that adds the header. */
  readonly address: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Installs it once, where OSSICLE_SUBSONIC=1 asks for it (`make test-server`): `make test` takes nothing from there. Throws where it is not. */
export function installSubsonic(): void {
  const stamp = join(HOME, 'installed');
  const pins = createHash('sha256').update(readFileSync(PINS)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return;
  if (process.env['OSSICLE_SUBSONIC'] !== '1') throw new Error('make test-server installs it');
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  run('python3.11', ['-m', 'venv', join(HOME, 'venv')]);
  run(join(HOME, 'venv/bin/pip'), ['install', '--quiet', '--requirement', PINS]);
  writeFileSync(stamp, pins);
}

export async function serveSubsonic(music: string): Promise<Subsonic> {
  const data = join(HOME, 'data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data);
  const lines = [
    '[base]',
    `database_uri = sqlite:///${join(data, 'db')}`,
    '[webapp]',
    `cache_dir = ${data}`,
  ];
  writeFileSync(join(data, '.supysonic'), `${lines.join('\n')}\n`);
  const env = { ...process.env, HOME: data };
  const bin = (name: string): string => join(HOME, 'venv/bin', name);
  run(bin('supysonic-cli'), ['user', 'add', LOGIN.user, '-p', LOGIN.password], env);
  run(bin('supysonic-cli'), ['folder', 'add', 'Music', music], env);
  run(bin('supysonic-cli'), ['folder', 'scan', '--foreground', 'Music'], env);
  const port = await freePort();
  const server = spawn(bin('supysonic-server'), ['-h', '127.0.0.1', '-p', String(port)], {
    env,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const address = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(`${address}/rest/ping.view`).then(
      (response) => response.ok,
      () => false,
    );
  for (let tries = 0; !(await answers()); ++tries) {
    if (server.exitCode !== null || tries > 300) throw new Error('Supysonic does not answer.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const proxy = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    const passed = request(address + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        'access-control-allow-origin': '*',
      });
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    passed.end();
  });
  const proxyPort = await freePort();
  await new Promise<void>((resolve) => proxy.listen(proxyPort, '127.0.0.1', resolve));
  return {
    bare: address,
    address: `http://127.0.0.1:${proxyPort}`,
    async [Symbol.asyncDispose]() {
      proxy.close();
      proxy.closeAllConnections();
      server.kill();
      await ended;
    },
  };
}
