/** Folders of small, real, tagged audio files on the disk, and the browser's own ways to choose them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { oggOpus } from '../../web/player/demo/ogg-opus.ts';
import { catalogueNames, seeded } from './exports.ts';

export interface Tags {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  readonly genre: string;
  readonly number: number;
}

function bigEndian(n: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(n, 0, bytes);
  return out;
}

/** Seven bits a byte, as ID3 writes sizes. */
function syncSafe(n: number): Buffer {
  return Buffer.from([21, 14, 7, 0].map((shift) => (n >> shift) & 0x7f));
}

/** Silence: MPEG 1 layer III, 128 kbit/s, 44.1 kHz, 26 ms a frame. */
const MPEG_FRAME = Buffer.concat([Buffer.from('fffb9064', 'hex'), Buffer.alloc(413)]);

/** `frames` of 26 ms each. */
export function mp3({ title, artist, album, genre, number }: Tags, frames = 4): Buffer {
  const frame = (id: string, text: string): Buffer => {
    const body = Buffer.concat([Buffer.of(3), Buffer.from(text)]);
    return Buffer.concat([Buffer.from(id), syncSafe(body.length), Buffer.alloc(2), body]);
  };
  const frameTexts = { TIT2: title, TPE1: artist, TALB: album, TCON: genre, TRCK: String(number) };
  const all = Buffer.concat(Object.entries(frameTexts).map(([id, text]) => frame(id, text)));
  const head = Buffer.concat([Buffer.from('ID3\x04\0\0', 'latin1'), syncSafe(all.length)]);
  return Buffer.concat([head, all, ...Array.from({ length: frames }, () => MPEG_FRAME)]);
}

/** Words and lengths of a FLAC file of three minutes; of the sound itself only the first bytes. */
export function flac({ title, artist, album, genre, number }: Tags): Buffer {
  const rate = 44_100;
  const streamInfo = Buffer.concat([
    bigEndian(4096, 2),
    bigEndian(4096, 2),
    Buffer.alloc(6),
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
    Buffer.from(
      ((BigInt(rate) << 44n) | (1n << 41n) | (15n << 36n) | BigInt(180 * rate))
        .toString(16)
        .padStart(16, '0'),
      'hex',
    ),
    Buffer.alloc(16),
  ]);
  const fields = [
    `TITLE=${title}`,
    `ARTIST=${artist}`,
    `ALBUM=${album}`,
    `GENRE=${genre}`,
    `TRACKNUMBER=${number}`,
  ];
  const counted = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const n = Buffer.alloc(4);
  n.writeUInt32LE(fields.length);
  const comment = Buffer.concat([counted('test'), n, ...fields.map(counted)]);
  const block = (type: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.of(type), bigEndian(body.length, 3), body]);
  return Buffer.concat([
    Buffer.from('fLaC'),
    block(0, streamInfo),
    block(0x84, comment),
    Buffer.from('fff8c918', 'hex'),
    Buffer.alloc(64),
  ]);
}

const OPUS_SILENCE = Uint8Array.of(0xfc, 0xff, 0xfe);

export function opus({ title, artist, album, genre, number }: Tags, seconds = 1): Buffer {
  const tags: readonly (readonly [string, string])[] = [
    ['TITLE', title],
    ['ARTIST', artist],
    ['ALBUM', album],
    ['GENRE', genre],
    ['TRACKNUMBER', String(number)],
  ];
  const packets = Array.from({ length: seconds * 50 + 1 }, () => OPUS_SILENCE);
  return Buffer.from(
    oggOpus({ packets, samples: seconds * 48_000, preSkip: 312, tags, serial: 1 }),
  );
}

const WRITERS = [
  { ending: 'mp3', write: mp3 },
  { ending: 'flac', write: flac },
  { ending: 'opus', write: opus },
] as const;

const WORDS =
  'night river glass winter engine slow bright hollow garden signal paper stone velvet ocean rain northern electric quiet golden shadow paradise machine summer distant empty silver burning letter harbour morning'.split(
    ' ',
  );
const GENRES = ['rock', 'trip-hop', 'jazz', 'ambient', 'metal', 'folk', 'electronic', 'soul'];

function put(root: string, path: string, content: Buffer): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** `n` files as a collector has them: an artist's folder, albums of ten in it; MP3, FLAC and Opus by turns. */
export function writeCollection(root: string, n: number, seed = 3): void {
  const random = seeded(seed);
  const word = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? '';
  const artists = catalogueNames().slice(0, 2500);
  for (let album = 0; 10 * album < n; ++album) {
    const artist = artists[Math.floor(random() ** 2 * artists.length)] ?? '';
    const genre = GENRES[Math.floor(random() * GENRES.length)] ?? '';
    const { ending, write } = WRITERS[album % WRITERS.length] ?? WRITERS[0];
    const name = `${word()} ${word()} ${album}`;
    for (let number = 1; number <= 10 && 10 * album + number <= n; ++number) {
      const title = `${word()} ${word()} ${word()}`;
      // As music managers write names: of a folder handle Chromium does not list what Windows would not allow.
      const folder = artist.replaceAll(/[\\/:*?"<>|\p{Cc}]|^\.|[. ]+$/gu, '_').slice(0, 60);
      const path = `${folder}/${name}/${number} ${title}.${ending}`;
      put(root, path, write({ title, artist, album: name, genre, number }));
    }
  }
}

declare global {
  /** In the page. */
  var pickedFolder: FileSystemDirectoryHandle | undefined;
}

/**
 * Makes `showDirectoryPicker` give the folder at `path` of the disk: no test can click the browser's own dialog, but a folder that is dropped on a page
 * gives the same handle.
 */
export async function letPick(page: Page, cdp: CDPSession, path: string): Promise<void> {
  await page.evaluate(() => {
    const stop = (event: DragEvent): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type !== 'drop') return;
      const [item] = event.dataTransfer?.items ?? [];
      const dropped = item as unknown as {
        getAsFileSystemHandle(): Promise<FileSystemDirectoryHandle>;
      };
      void dropped.getAsFileSystemHandle().then((handle) => {
        globalThis.pickedFolder = handle;
        for (const type of types) removeEventListener(type, stop, { capture: true });
      });
    };
    const types = ['dragenter', 'dragover', 'drop'] as const;
    for (const type of types) addEventListener(type, stop, { capture: true });
    Object.assign(globalThis, {
      showDirectoryPicker: () => Promise.resolve(globalThis.pickedFolder),
    });
  });
  // A page that is busy may not have said yet that it takes the folder, and then nothing falls.
  const isPicked = (): Promise<boolean> =>
    page.evaluate(() => globalThis.pickedFolder?.kind === 'directory');
  for (let tries = 0; !(await isPicked()); ++tries) {
    assert(tries < 50, 'the folder does not fall on the page');
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await cdp.send('Input.dispatchDragEvent', {
        ...{ type, x: 300, y: 300 },
        data: { items: [], files: [path], dragOperationsMask: 1 },
      });
    }
    await page.waitForTimeout(200);
  }
}
