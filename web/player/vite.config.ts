import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { demoAlbum } from './vite/demo-album.ts';
import { ossicleAssets } from './vite/ossicle-assets.ts';
import { securityHeaders, securityMeta } from './vite/security.ts';
import { serviceWorker } from './vite/service-worker.ts';
import { thirdPartyNotices } from './vite/third-party-notices.ts';

// `--mode fake` draws the page over an engine made of constants, for work on the looks alone.
const fakeEngine = {
  find: /^\.\/open-engine\.ts$/,
  replacement: fileURLToPath(new URL('test/dev/fake-engine.ts', import.meta.url)),
};

export default defineConfig(({ mode }) => ({
  // Relative, so that the page works in any folder of any host.
  base: './',
  plugins: [
    react(),
    securityMeta(),
    ...(mode === 'fake'
      ? []
      : [
          ossicleAssets('ossicle'),
          demoAlbum('demo'),
          thirdPartyNotices('third-party-notices.txt'),
          serviceWorker(),
        ]),
  ],
  resolve: { alias: mode === 'fake' ? [fakeEngine] : [] },
  // The dependency optimiser does not carry the engine's worker along.
  optimizeDeps: { exclude: ['ossicle'] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    outDir: mode === 'fake' ? 'dist/fake' : 'dist',
    // data: addresses are forbidden by the policy, and every browser in question knows modulepreload.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  preview: { headers: securityHeaders },
}));
