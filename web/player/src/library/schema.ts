import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { SourceKind } from '../sources/types.ts';
import type { Sealed } from './seal.ts';

/** `facts` of a source are sealed: settings, name, problems. */
export interface StoredSource {
  readonly id: string;
  readonly kind: SourceKind;
  readonly handle: FileSystemDirectoryHandle | null;
  readonly facts: Sealed;
}

export interface Schema extends DBSchema {
  /** key: CryptoKey, keyId: string, made with it (the first keys have none); revision: number, grows with each commit. */
  facts: { key: string; value: unknown };
  sources: { key: string; value: StoredSource };
  /** About 200 tracks each: so many are read, or sealed anew after a change, at once. */
  chunks: { key: number; value: { id: number; sourceId: string; tracks: Sealed } };
  /** By a random number that the track knows: a path would tell the title. */
  lyrics: { key: string; value: Sealed };
  /** By SHA-256 of the picture. */
  covers: { key: string; value: Sealed };
  /** By their random ids. */
  playlists: { key: string; value: Sealed };
}

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

/** Step i brings version i to version i + 1. Steps are never changed once released; new ones are appended. */
const STEPS: readonly ((db: IDBPDatabase<Schema>, tx: Upgrade) => void)[] = [
  (db) => {
    db.createObjectStore('facts');
    db.createObjectStore('sources', { keyPath: 'id' });
    db.createObjectStore('chunks', { keyPath: 'id' });
    db.createObjectStore('lyrics');
    db.createObjectStore('covers');
  },
  (db) => {
    db.createObjectStore('playlists');
  },
];

export const LIBRARY_DATABASE = 'ossicle-library';
export const SCHEMA_VERSION = STEPS.length;

export function migrate(
  db: IDBPDatabase<Schema>,
  from: number,
  to: number | null,
  tx: Upgrade,
): void {
  for (const step of STEPS.slice(from, to ?? undefined)) step(db, tx);
}
