/** Words that nobody else writes, in an export and in the tags of files, and the search for them in a browser's profile folder. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { opusFile } from '../../web/player/test/support/files.ts';
import { catalogueNames, listenBrainz, plays, seeded, type Play } from './exports.ts';
import type { TestFile } from './site.ts';

/** Letters that do not repeat what is around them, so that no compression takes the word apart. */
function wordsOf(n: number, seed: number): readonly string[] {
  const random = seeded(seed);
  const letter = (): string => String.fromCharCode(97 + Math.floor(random() * 26));
  return Array.from({ length: n }, () => `Z${Array.from({ length: 11 }, letter).join('')}`);
}

export interface Canaries {
  readonly file: TestFile;
  /** In titles, albums and artists of the export. */
  readonly words: readonly string[];
}

const SONGS = 5;

/** An export of `n` listens of a few songs, most of them by artists whom the catalogue knows. */
export function canaryExport(n: number): Canaries {
  const words = wordsOf(3 * SONGS, 41);
  const known = catalogueNames().slice(0, 60);
  const listens = plays(n, 5).map(({ at }, i): Play => {
    const song = i % SONGS;
    const [title = '', album = '', artist = ''] = words.slice(3 * song, 3 * song + 3);
    return { at, title, album, artist: i % 7 === 0 ? artist : (known[i % known.length] ?? '') };
  });
  const body = listenBrainz(listens);
  assert(words.every((word) => body.includes(word)));
  return { file: { name: 'listens.jsonl', body }, words };
}

/** A folder of music with words of the same kind in tags and names of files. */
export function canaryMusic(folder: string, n: number): Promise<readonly string[]> {
  const words = wordsOf(4 * n, 43);
  const writing = Array.from({ length: n }, async (_, i) => {
    const [TITLE = '', ARTIST = '', ALBUM = '', name = ''] = words.slice(4 * i, 4 * i + 4);
    const file = opusFile(`${name}.opus`, { TITLE, ARTIST, ALBUM }, { seconds: 20 });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file.name), Buffer.from(await file.arrayBuffer()));
  });
  return Promise.all(writing).then(() => words);
}

/** LZ4's block format: what Firefox writes its sessions and its list of searches in. */
function unpackedLz4(packed: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let from = 0;
  let to = 0;
  const longer = (n: number): number => {
    if (n < 15) return n;
    for (;;) {
      const more = packed[from++] ?? 0;
      n += more;
      if (more < 255) return n;
    }
  };
  while (from < packed.length) {
    const token = packed[from++] ?? 0;
    const literals = longer(token >> 4);
    packed.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= packed.length) break;
    const back = packed.readUInt16LE(from);
    from += 2;
    const length = longer(token & 15) + 4;
    for (const end = to + length; to < end; ++to) out[to] = out[to - back] ?? 0;
  }
  return out.subarray(0, to);
}

const MOZ_LZ4 = Buffer.from('mozLz40\0');

function readable(path: string): readonly Buffer[] {
  const bytes = readFileSync(path);
  if (!bytes.subarray(0, 8).equals(MOZ_LZ4)) return [bytes];
  return [bytes, unpackedLz4(bytes.subarray(12), bytes.readUInt32LE(8))];
}

export interface Trace {
  readonly word: string;
  /** In the profile folder. */
  readonly path: string;
}

/** Where in `folder` any of `words` stands, as UTF-8 or UTF-16, in contents and names of files. `passed`: files that are left out. */
export function tracesIn(
  folder: string,
  words: readonly string[],
  passed: (path: string) => boolean = () => false,
): readonly Trace[] {
  const needles = words.flatMap((word) => [
    { word, bytes: Buffer.from(word, 'utf8') },
    { word, bytes: Buffer.from(word, 'utf16le') },
  ]);
  const found: Trace[] = [];
  let files = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const whole = join(entry.parentPath, entry.name);
    const path = relative(folder, whole);
    for (const word of words) if (path.includes(word)) found.push({ word, path });
    if (!entry.isFile() || passed(path) || statSync(whole).size === 0) continue;
    files += 1;
    const contents = readable(whole);
    for (const { word, bytes } of needles) {
      if (contents.some((content) => content.includes(bytes))) found.push({ word, path });
    }
  }
  assert(files > 10, `${folder} is no profile`);
  return found;
}

/** One line for each file. */
export function told(traces: readonly Trace[]): string {
  const byPath = Map.groupBy(traces, ({ path }) => path);
  return [...byPath].map(([path, all]) => `${path}: ${all.length}, as ${all[0]?.word}`).join('\n');
}
