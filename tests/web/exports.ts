/** Real-shaped exports, made from a seed: the same bytes every time. */
import { readFileSync } from 'node:fs';

const BUNDLE = new URL('../../models/items/bundle/', import.meta.url);

interface Column {
  readonly data_offsets: readonly [number, number];
}

/** Names of the catalogue's artists, the most listened first, read from its file without the engine. */
export function catalogueNames(): readonly string[] {
  const file = readFileSync(new URL('catalogue-0.safetensors', BUNDLE));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Column>;
  const column = (name: string): Buffer => {
    const [from, to] = header[name]!.data_offsets;
    return file.subarray(start + from, start + to);
  };
  const offsets = column('item.name.offset');
  const bytes = column('item.name.bytes');
  const listeners = column('item.listeners');
  const n = offsets.length / 4 - 1;
  return Array.from({ length: n }, (_, i) => i)
    .sort((a, b) => listeners.readUInt32LE(4 * b) - listeners.readUInt32LE(4 * a) || a - b)
    .map((i) =>
      bytes.toString('utf8', offsets.readUInt32LE(4 * i), offsets.readUInt32LE(4 * i + 4)),
    );
}

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Play {
  readonly artist: string;
  readonly title: string;
  readonly album: string;
  readonly at: number;
}

/** Names that no catalogue has, some of them hostile to whoever shows them. */
const UNKNOWN = [
  '<b>Nick & Cave</b><script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  'Z̷a̷l̷g̷o̷ ensemble',
  '夜行性の猫たち',
  'Оркестр тишины',
  'نغمات بعيدة',
  '🎻🎻🎻 trio',
  '‮lanoitcerid-ib',
  "Bobby Tables'); DROP TABLE listens;--",
  'An artist with, commas and "quotes"',
];

/** A listener of `known` artists out of the catalogue, by Zipf, and one listen in ten of artists that it lacks. */
export function plays(
  n: number,
  seed: number,
  until = new Date('2026-11-01T20:00:00Z'),
): readonly Play[] {
  const random = seeded(seed);
  const names = catalogueNames().slice(0, 3000);
  // A taste: a part of the catalogue, not all of its top.
  const taste = names.filter(() => random() < 0.1);
  const weights = taste.map((_, i) => 1 / (i + 1) ** 0.9);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const pick = (): string => {
    let left = random() * whole;
    const at = weights.findIndex((weight) => (left -= weight) <= 0);
    return taste[at < 0 ? 0 : at]!;
  };
  const end = Math.floor(until.getTime() / 1000);
  const span = 4 * 365 * 86400;
  return Array.from({ length: n }, (_, i) => {
    const known = i % 10 !== 7;
    const artist = known ? pick() : UNKNOWN[Math.floor(random() * UNKNOWN.length)]!;
    return {
      artist,
      title: `Song ${1 + Math.floor(random() * 12)}`,
      album: `Album, ${1 + Math.floor(random() * 3)}`,
      // Four minutes and a bit apart on average over four years; no two in one second.
      at: end - span + Math.floor((i * span) / n),
    };
  });
}

/** One line of a ListenBrainz export, with what real ones carry along. */
export function listenBrainzLine({ artist, title, album, at }: Play): string {
  return JSON.stringify({
    listened_at: at,
    inserted_at: at + 3,
    user_name: 'a-listener',
    recording_msid: '00000000-0000-4000-8000-000000000000',
    track_metadata: {
      artist_name: artist,
      track_name: title,
      release_name: album,
      additional_info: { duration_ms: 240_000, submission_client: 'test', music_service: 'x.test' },
      mbid_mapping: null,
    },
  });
}

export function listenBrainz(all: readonly Play[]): string {
  return all.map(listenBrainzLine).join('\n') + '\n';
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** "02 Nov 2026 19:04", as the CSV exports of Last.fm write it. Minutes only. */
function csvDate(at: number): string {
  const date = new Date(at * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]!} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

export function lastFmCsv(all: readonly Play[]): string {
  return all
    .map(({ artist, album, title, at }) =>
      [artist, album, title, csvDate(at)].map(csvCell).join(','),
    )
    .join('\n');
}

/** The engine's own rule for names, written again (core/include/ossicle/history.h), so that a test does not take its word for it. */
export function nameKey(name: string): string {
  const key = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\p{P}\p{S}\p{Z}\p{C}]+/gu, ' ')
    .trim();
  return key === '' ? name : key;
}
