/** A real Subsonic server: Debian's Supysonic, with a database of its own under build/. It has the demo album. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './site.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const DATA = at('../../build/supysonic');

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

export async function serveSubsonic(music: string): Promise<Subsonic> {
  rmSync(DATA, { recursive: true, force: true });
  mkdirSync(DATA, { recursive: true });
  const lines = [
    '[base]',
    `database_uri = sqlite:///${join(DATA, 'db')}`,
    '[webapp]',
    `cache_dir = ${DATA}`,
  ];
  writeFileSync(join(DATA, '.supysonic'), `${lines.join('\n')}\n`);
  const env = { ...process.env, HOME: DATA };
  run('supysonic-cli', ['user', 'add', LOGIN.user, '-p', LOGIN.password], env);
  run('supysonic-cli', ['folder', 'add', 'Music', music], env);
  run('supysonic-cli', ['folder', 'scan', '--foreground', 'Music'], env);
  const port = await freePort();
  const server = spawn('supysonic-server', ['-h', '127.0.0.1', '-p', String(port)], {
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
