/** The extension's own code, bundled by Vite into `outDir`: the same for both browsers. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, type Plugin, type Rolldown } from 'vite';
import { ossicleAssets } from '../../player/vite/ossicle-assets.ts';
import { thirdPartyNotices } from '../../player/vite/third-party-notices.ts';
import { FILES } from './manifest.ts';
import { withoutMarkup } from './without-markup.ts';

const src = fileURLToPath(new URL('../src/', import.meta.url));

const PAGES = ['ui/popup.html', 'ui/panel.html', 'ui/privacy.html', 'engine/home.html'];

function shared(outDir: string): InlineConfig {
  return {
    configFile: false,
    root: src,
    base: './',
    publicDir: false,
    logLevel: 'warn',
    // The dependency optimiser does not carry the engine's worker along.
    optimizeDeps: { exclude: ['ossicle'] },
    worker: { format: 'es' },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'es2023',
      outDir,
      emptyOutDir: false,
      // data: addresses are forbidden by the policy, and all files are at hand.
      assetsInlineLimit: 0,
      modulePreload: false,
      // The models are large, and said so by a guard of ours.
      chunkSizeWarningLimit: 2000,
    },
  };
}

/** Pages go to the top of the extension, where addresses are short and the same in both browsers. */
function pagesAtTheTop(): Plugin {
  return {
    name: 'pages-at-the-top',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [path, file] of Object.entries(bundle)) {
          if (file.type !== 'asset' || !path.endsWith('.html')) continue;
          const source = Buffer.from(file.source).toString('utf8').replaceAll('"../', '"./');
          Reflect.deleteProperty(bundle, path);
          this.emitFile({ type: 'asset', fileName: basename(path), source });
        }
      },
    },
  };
}

/** The extension's pages, the engine's home among them, with the engine's files and the licences of everything. */
function buildPages(outDir: string): Promise<unknown> {
  const base = shared(outDir);
  return build({
    ...base,
    plugins: [
      react(),
      withoutMarkup(),
      pagesAtTheTop(),
      ossicleAssets('ossicle'),
      thirdPartyNotices('third-party-notices.txt'),
    ],
    build: { ...base.build, rolldownOptions: { input: PAGES.map((page) => src + page) } },
  });
}

/** A script that the manifest or the background names, from `entry` into `file`. */
function buildScript(
  entry: string,
  file: string,
  outDir: string,
  output: Rolldown.OutputOptions,
): Promise<unknown> {
  const base = shared(outDir);
  const rolldownOptions = { input: src + entry, output: { entryFileNames: file, ...output } };
  return build({ ...base, build: { ...base.build, rolldownOptions } });
}

/**
 * One file, so that a service worker that is started for a single message reads no other. What Firefox alone needs, the engine's home, is
 * beside it: a service worker cannot import() and does not try.
 */
const BACKGROUND = { chunkFileNames: 'assets/[name]-[hash].js' } as const;
/** A content script is no module, so in one piece. */
const CONTENT = { format: 'iife' } as const;

export async function bundle(outDir: string): Promise<void> {
  // One after the other: they write into the same folder.
  await buildPages(outDir);
  await buildScript('background/main.ts', FILES.background, outDir, BACKGROUND);
  await buildScript('content/main.ts', FILES.content, outDir, CONTENT);
  await buildScript('content/page.ts', FILES.page, outDir, CONTENT);
}
