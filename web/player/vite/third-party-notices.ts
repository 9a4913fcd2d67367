import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** wasm/toolchain/notices.sh writes it, from the sources and packages that the build is made of. */
const MADE = fileURLToPath(new URL('../../../build/THIRD_PARTY_NOTICES', import.meta.url));

/** Serves the licence texts of everything in the page as `fileName`, of its own origin. */
export function thirdPartyNotices(fileName: string): Plugin {
  return {
    name: 'third-party-notices',
    configureServer(server) {
      server.middlewares.use(`/${fileName}`, (_request, response, next) => {
        if (!existsSync(MADE)) {
          next();
          return;
        }
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        response.end(readFileSync(MADE));
      });
    },
    generateBundle() {
      if (!existsSync(MADE)) {
        this.error(`${MADE} is missing: wasm/toolchain/notices.sh writes it (make web does so)`);
      }
      // A host that names no charset must not garble the names in it.
      this.emitFile({ type: 'asset', fileName, source: `\ufeff${readFileSync(MADE, 'utf8')}` });
    },
  };
}
