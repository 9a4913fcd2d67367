import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { buildDemoAlbum } from '../demo/build.ts';

const MIME: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.opus': 'audio/ogg',
  '.svg': 'image/svg+xml',
};

/** Made once and kept, since it takes a minute. Outside of the build output, which Vite empties. */
const MADE = fileURLToPath(new URL('../../../build/demo', import.meta.url));

/** Serves the demo album below `folder` of the page's own origin. */
export function demoAlbum(folder: string): Plugin {
  const prefix = `/${folder}/`;
  const make = (): Promise<void> =>
    buildDemoAlbum(MADE, (done, total, title) => {
      process.stdout.write(`[demo] ${done} of ${total}: ${title}\n`);
    });
  return {
    name: 'demo-album',
    async configureServer(server) {
      await make();
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const file = join(MADE, decodeURIComponent(path.slice(prefix.length)));
        const inside = path.startsWith(prefix) && file.startsWith(MADE + sep);
        if (!inside || !existsSync(file) || !statSync(file).isFile()) {
          next();
          return;
        }
        response.setHeader('Content-Type', MIME[extname(file)] ?? 'application/octet-stream');
        createReadStream(file).pipe(response);
      });
    },
    async generateBundle() {
      await make();
      for (const entry of readdirSync(MADE, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || entry.name === 'source.txt') continue;
        const file = join(entry.parentPath, entry.name);
        const fileName = folder + file.slice(MADE.length).replaceAll(sep, '/');
        this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
      }
    },
  };
}
