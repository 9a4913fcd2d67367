import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const MIME: Readonly<Record<string, string>> = {
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Serves dist/assets of the package `ossicle` below `folder` of the page's own origin. */
export function ossicleAssets(folder: string): Plugin {
  const assets = join(
    dirname(fileURLToPath(import.meta.resolve('ossicle/package.json'))),
    'dist',
    'assets',
  );
  const prefix = `/${folder}/`;
  return {
    name: 'ossicle-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const file = join(assets, decodeURIComponent(path.slice(prefix.length)));
        const inside = path.startsWith(prefix) && file.startsWith(assets + sep);
        if (!inside || !existsSync(file) || !statSync(file).isFile()) {
          next();
          return;
        }
        response.setHeader('Content-Type', MIME[extname(file)] ?? 'application/octet-stream');
        createReadStream(file).pipe(response);
      });
    },
    generateBundle() {
      if (!existsSync(join(assets, 'catalogue', 'bundle.json'))) {
        this.error(
          `${assets} has no catalogue: build the package first (npm run build -w ossicle)`,
        );
      }
      for (const entry of readdirSync(assets, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        const fileName = folder + file.slice(assets.length).replaceAll(sep, '/');
        this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
      }
    },
  };
}
