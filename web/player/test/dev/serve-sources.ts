/** Library and player without the page around them, built and served with the page's own policy. */
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { demoAlbum } from '../../vite/demo-album.ts';
import { securityHeaders } from '../../vite/security.ts';
import { serviceWorker } from '../../vite/service-worker.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const SOURCES_PAGE = 'test/dev/sources.html';

export async function serveSources(): Promise<AsyncDisposable & { readonly origin: string }> {
  const root = at('../..');
  const outDir = at('../../../../build/test-sources');
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [demoAlbum('demo'), serviceWorker()],
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: at('sources.html') },
    },
  });
  const server = await preview({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [serviceWorker()],
    build: { outDir },
    preview: { host: 'localhost', port: 0, headers: securityHeaders },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://localhost:${address.port}`,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
