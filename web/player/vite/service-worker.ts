import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type ResolvedConfig } from 'vite';
import { SERVICE_WORKER as FILE, SERVICE_WORKER_POLICY } from './security.ts';

const ENTRY = fileURLToPath(new URL('../src/service-worker.ts', import.meta.url));
/** Vite puts a hash into these names: the name is the revision. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;

interface PrecacheEntry {
  readonly url: string;
  readonly revision: string | null;
}

function filesOf(folder: string): readonly PrecacheEntry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const url = relative(folder, file).replaceAll(sep, '/');
      const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
      return { url, revision: HASHED.test(url) ? null : digest.slice(0, 16) };
    })
    .filter(({ url }) => url !== FILE && !url.endsWith('.map'))
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

/**
 * Builds src/service-worker.ts into one classic script (Firefox ESR runs no module service workers) that knows every other file of the
 * build by name and revision.
 */
export function serviceWorker(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'service-worker',
    configResolved(resolved) {
      config = resolved;
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        if (path === `/${FILE}`) {
          // Vite sets the headers of its configuration on every answer, whatever was set before.
          const set = response.setHeader.bind(response);
          response.setHeader = (name, value) =>
            set(name, name === 'Content-Security-Policy' ? SERVICE_WORKER_POLICY : value);
        }
        next();
      });
    },
    closeBundle: {
      // After whatever else writes files.
      order: 'post',
      sequential: true,
      async handler(failure) {
        if (config.command !== 'build' || failure) return;
        const outDir = resolve(config.root, config.build.outDir);
        await build({
          configFile: false,
          root: config.root,
          logLevel: 'warn',
          publicDir: false,
          define: {
            'process.env.NODE_ENV': '"production"',
            'self.__WB_MANIFEST': JSON.stringify(filesOf(outDir)),
          },
          build: {
            target: 'es2023',
            outDir,
            emptyOutDir: false,
            lib: { entry: ENTRY, formats: ['iife'], name: 'serviceWorker', fileName: () => FILE },
          },
        });
      },
    },
  };
}
