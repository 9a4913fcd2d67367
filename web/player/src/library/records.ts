import type { StoredServer } from '../sources/server/login.ts';
import type { FileProblem, SourceKind, SourceState } from '../sources/types.ts';
import type { Playlist, Track } from './types.ts';

/** A track as it is kept: with what tells whether its file changed. */
export interface TrackRecord extends Omit<Track, 'hasAudio'> {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Where its lyrics are kept; null: none, or not asked for yet. */
  readonly lyricsKey: string | null;
}

/** A file that is not a track, or not a whole one; kept with its size and time so that it is not read again until it changes. */
export interface ProblemRecord extends FileProblem {
  readonly size: number;
  readonly modified: number;
}

export interface SourceRecord {
  readonly id: string;
  readonly kind: SourceKind;
  readonly name: string;
  readonly addedAt: number;
  readonly scannedAt: number | null;
  readonly problems: readonly ProblemRecord[];
  readonly server: StoredServer | null;
  readonly handle: FileSystemDirectoryHandle | null;
  /** Not kept: how it is in this tab. */
  readonly state: SourceState;
}

/** Version of the JSON in sealed records. A reader takes its own and older ones. */
const RECORD_VERSION = 1;

export function encodeTracks(tracks: readonly TrackRecord[]): string {
  return JSON.stringify({ version: RECORD_VERSION, tracks });
}

/** Sealed records cannot be forged, so their shape is what some version of this file wrote. */
export function decodeTracks(text: string): readonly TrackRecord[] {
  return (versioned(text) as { readonly tracks: readonly TrackRecord[] }).tracks;
}

export function encodeSource({ name, addedAt, scannedAt, problems, server }: SourceRecord): string {
  return JSON.stringify({ version: RECORD_VERSION, name, addedAt, scannedAt, problems, server });
}

export function decodeSource(
  text: string,
): Pick<SourceRecord, 'name' | 'addedAt' | 'scannedAt' | 'problems' | 'server'> {
  return versioned(text) as ReturnType<typeof decodeSource>;
}

export function encodePlaylist({ title, entries, createdAt, changedAt }: Playlist): string {
  return JSON.stringify({ version: RECORD_VERSION, title, entries, createdAt, changedAt });
}

export function decodePlaylist(id: string, text: string): Playlist {
  const { title, entries, createdAt, changedAt } = versioned(text) as Playlist;
  return { id, title, entries, createdAt, changedAt };
}

function versioned(text: string): unknown {
  const record = JSON.parse(text) as { readonly version: number };
  if (record.version > RECORD_VERSION) {
    throw new Error('The library was written by a newer Ossicle. Reload the page to get it.');
  }
  return record;
}
