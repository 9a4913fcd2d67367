/** All tracks and sources in memory, and how they get to and from the vault. */
import { SourceError } from '../sources/types.ts';
import { Shelf } from './query.ts';
import {
  decodeSource,
  decodeTracks,
  encodeSource,
  encodeTracks,
  type SourceRecord,
  type TrackRecord,
} from './records.ts';
import type { Lyrics, Track } from './types.ts';
import type { SourceWrite, Vault } from './vault.ts';

/** Tracks that are sealed together. */
const CHUNK = 200;

export interface Batch {
  readonly put?: readonly TrackRecord[];
  /** Ids. */
  readonly remove?: readonly string[];
  readonly lyrics?: ReadonlyMap<string, Lyrics>;
  readonly covers?: ReadonlyMap<string, Blob>;
  readonly source?: SourceRecord;
}

interface Placed {
  readonly record: TrackRecord;
  readonly chunk: number;
}

export class Shelves {
  readonly #vault: Vault;
  /** Told after every change. */
  readonly #changed: () => void;
  readonly #lock: string;
  #placed = new Map<string, Placed>();
  #chunks = new Map<number, Set<string>>();
  #sources = new Map<string, SourceRecord>();
  #shelf: Shelf | null = null;

  constructor(vault: Vault, name: string, changed: () => void) {
    this.#vault = vault;
    this.#lock = `${name} writer`;
    this.#changed = changed;
  }

  get shelf(): Shelf {
    return (this.#shelf ??= new Shelf(
      [...this.#placed.values()].map(({ record }) => this.#seen(record)),
    ));
  }

  ids(): readonly string[] {
    return [...this.#placed.keys()];
  }

  track(id: string): Track | null {
    const placed = this.#placed.get(id);
    return placed ? this.#seen(placed.record) : null;
  }

  record(id: string): TrackRecord | null {
    return this.#placed.get(id)?.record ?? null;
  }

  recordsOf(sourceId: string): ReadonlyMap<string, TrackRecord> {
    const found = new Map<string, TrackRecord>();
    for (const { record } of this.#placed.values()) {
      if (record.sourceId === sourceId) found.set(record.path, record);
    }
    return found;
  }

  sources(): readonly SourceRecord[] {
    return [...this.#sources.values()].sort((a, b) => a.addedAt - b.addedAt);
  }

  source(id: string): SourceRecord {
    const source = this.#sources.get(id);
    if (source) return source;
    throw new SourceError('unknown_source', 'This source is not in the library any more.', id);
  }

  /** Whether a source can be read now; not kept. */
  setState(id: string, state: SourceRecord['state']): void {
    this.#sources.set(id, { ...this.source(id), state });
    this.#touch();
  }

  /** Reads everything anew. `state` tells what a source is like in this tab. */
  async read(state: (source: SourceRecord) => Promise<SourceRecord['state']>): Promise<void> {
    const sources = new Map<string, SourceRecord>();
    for (const { id, kind, handle, text } of await this.#vault.sources()) {
      const source: SourceRecord = { id, kind, handle, ...decodeSource(text), state: 'ready' };
      sources.set(id, { ...source, state: await state(source) });
    }
    const placed = new Map<string, Placed>();
    const chunks = new Map<number, Set<string>>();
    for await (const { id, text } of this.#vault.chunks()) {
      const ids = new Set<string>();
      for (const record of decodeTracks(text)) {
        placed.set(record.id, { record, chunk: id });
        ids.add(record.id);
      }
      chunks.set(id, ids);
    }
    this.#sources = sources;
    this.#placed = placed;
    this.#chunks = chunks;
    this.#touch();
  }

  /** Stores a change: all of it or nothing. One writer at a time over all tabs; what another tab wrote is read first. */
  async write(batch: Batch, reread: () => Promise<void>): Promise<void> {
    await this.alone(reread, () => this.#commit(batch));
    this.#touch();
  }

  /** Runs `work` while no other tab writes, with the key and the state that the last of them left. */
  async alone(reread: () => Promise<void>, work: () => Promise<void>): Promise<void> {
    await navigator.locks.request(this.#lock, async () => {
      if (!(await this.#vault.isCurrent())) await reread();
      await work();
    });
  }

  async removeSource(id: string, reread: () => Promise<void>): Promise<void> {
    await this.alone(reread, async () => {
      this.source(id);
      const gone = [...this.recordsOf(id).values()];
      await this.#commit({ remove: gone.map((record) => record.id) }, id);
    });
    this.#touch();
  }

  async #commit(batch: Batch, dropSource?: string): Promise<void> {
    const { put = [], remove = [], lyrics = new Map<string, Lyrics>(), source } = batch;
    const dirty = new Map<number, string>();
    const lyricsGone = new Set<string>();
    const before = new Map<string, Placed | undefined>();
    const place = (id: string, placed: Placed | undefined): void => {
      const old = this.#placed.get(id);
      if (!before.has(id)) before.set(id, old);
      if (old) {
        this.#chunks.get(old.chunk)?.delete(id);
        dirty.set(old.chunk, old.record.sourceId);
        const { lyricsKey } = old.record;
        if (lyricsKey !== null && lyricsKey !== placed?.record.lyricsKey) lyricsGone.add(lyricsKey);
      }
      if (!placed) {
        this.#placed.delete(id);
        return;
      }
      this.#placed.set(id, placed);
      const ids = this.#chunks.get(placed.chunk) ?? new Set<string>();
      this.#chunks.set(placed.chunk, ids.add(id));
      dirty.set(placed.chunk, placed.record.sourceId);
    };

    for (const id of remove) if (this.#placed.has(id)) place(id, undefined);
    for (const record of put) {
      const chunk = this.#placed.get(record.id)?.chunk ?? this.#openChunk(record.sourceId);
      place(record.id, { record, chunk });
    }
    try {
      const unused = dropSource === undefined ? [] : await this.#unusedCovers();
      await this.#vault.commit({
        chunks: new Map(
          [...dirty].map(([id, sourceId]) => {
            const tracks = [...(this.#chunks.get(id) ?? [])].flatMap(
              (track) => this.#placed.get(track)?.record ?? [],
            );
            return [id, tracks.length === 0 ? null : { sourceId, text: encodeTracks(tracks) }];
          }),
        ),
        lyrics: new Map<string, string | null>([
          ...[...lyricsGone].map((key) => [key, null] as const),
          ...[...lyrics].map(([key, value]) => [key, JSON.stringify(value)] as const),
        ]),
        covers: new Map<string, Blob | null>([
          ...unused.map((key) => [key, null] as const),
          ...(batch.covers ?? []),
        ]),
        sources: new Map<string, SourceWrite | null>([
          ...(source
            ? [
                [
                  source.id,
                  { kind: source.kind, handle: source.handle, text: encodeSource(source) },
                ] as const,
              ]
            : []),
          ...(dropSource === undefined ? [] : [[dropSource, null] as const]),
        ]),
      });
    } catch (cause) {
      // Nothing was stored, so nothing has changed here either.
      for (const [id, placed] of before) place(id, placed);
      throw cause;
    }
    for (const [id, ids] of this.#chunks) if (ids.size === 0) this.#chunks.delete(id);
    if (source) this.#sources.set(source.id, source);
    if (dropSource !== undefined) this.#sources.delete(dropSource);
  }

  async #unusedCovers(): Promise<readonly string[]> {
    const used = new Set([...this.#placed.values()].map(({ record }) => record.cover));
    return (await this.#vault.coverKeys()).filter((key) => !used.has(key));
  }

  #openChunk(sourceId: string): number {
    let last = 0;
    for (const [id, ids] of this.#chunks) {
      last = Math.max(last, id);
      const [one] = ids;
      const open = one !== undefined && ids.size < CHUNK;
      if (open && this.#placed.get(one)?.record.sourceId === sourceId) return id;
    }
    return last + 1;
  }

  /** As the page sees it. */
  #seen(record: TrackRecord): Track {
    const { size, modified, lyricsKey, ...track } = record;
    return { ...track, hasAudio: this.#sources.get(track.sourceId)?.state === 'ready' };
  }

  #touch(): void {
    this.#shelf = null;
    this.#changed();
  }
}
