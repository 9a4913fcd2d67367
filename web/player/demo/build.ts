/**
 * Makes the demo album: node demo/build.ts FOLDER. Forty pieces, their covers and album.json, the list that the page reads
 * (src/sources/demo/scan.ts). The same source gives the same bytes, so a folder whose album.json names this source is left alone.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PIECES } from './catalogue.ts';
import { cover } from './cover.ts';
import type { Rendered } from './render.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Of all that decides the bytes: the sources here, and the version of the encoder. */
function sourceHash(): string {
  const hash = createHash('sha256');
  const files = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(HERE, name)));
  const encoder = fileURLToPath(import.meta.resolve('libopus-wasm')).replace(
    /dist.*$/,
    'package.json',
  );
  return hash.update(readFileSync(encoder)).digest('hex').slice(0, 32);
}

/** Makes the album in `folder`, unless it is there. Tells of each piece. */
export async function buildDemoAlbum(
  folder: string,
  onPiece: (done: number, total: number, title: string) => void,
): Promise<void> {
  const source = sourceHash();
  const stamp = join(folder, 'source.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === source) return;
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(join(making, 'covers'), { recursive: true });

  const rendered = new Map<number, Rendered>();
  const due = PIECES.keys();
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL('./render-worker.ts', import.meta.url));
    try {
      for (const i of due) {
        rendered.set(i, await ask(worker, i));
        onPiece(rendered.size, PIECES.length, PIECES[i]?.title ?? '');
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism()) }, lane));

  const tracks = PIECES.map(
    ({ file, style, seed, title, artist, album, number, year, tags }, i) => {
      const result = rendered.get(i);
      if (!result) throw new Error(`${title} was not made.`);
      const { bytes, durationMs, lyrics } = result;
      writeFileSync(join(making, file), bytes);
      const picture = `covers/${file.slice(0, 2)}.svg`;
      if (number === 1) writeFileSync(join(making, picture), cover(style, seed));
      const size = bytes.length;
      return {
        file,
        bytes: size,
        title,
        artist,
        album,
        number,
        year,
        tags,
        durationMs,
        cover: picture,
        lyrics,
      };
    },
  );
  writeFileSync(join(making, 'album.json'), `${JSON.stringify({ version: 1, tracks })}\n`);
  writeFileSync(join(making, 'source.txt'), source);
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
}

function ask(worker: Worker, piece: number): Promise<Rendered> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', done).off('error', failed);
    };
    const done = (message: Rendered): void => {
      settle();
      resolve(message);
    };
    const failed = (cause: unknown): void => {
      settle();
      reject(cause instanceof Error ? cause : new Error(String(cause)));
    };
    worker.on('message', done).on('error', failed);
    worker.postMessage(piece);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write('node demo/build.ts FOLDER\n');
    process.exit(2);
  }
  await buildDemoAlbum(folder, (done, total, title) => {
    process.stdout.write(`[demo] ${done} of ${total}: ${title}\n`);
  });
}
