import * as v from 'valibot';
import type { Library, Playlist, PlaylistEntry, Track } from '../library/types.ts';
import { problemOf } from '../problem.ts';
import { readPlaylistFile, type OpenedFile } from './playlist-file.ts';
import { START_WISH, type Wish } from './wish.ts';

/** The list that is looked at: one that was saved (`id`), or one that was only made or opened. */
export interface OpenList {
  readonly id: string | null;
  readonly title: string;
  readonly entries: readonly PlaylistEntry[];
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What was just done, with the way back. */
export interface Undoable {
  readonly kind: 'deleted' | 'removed';
  readonly name: string;
  readonly undo: () => Promise<void>;
}

export interface PlaylistsState {
  /** The last changed first. */
  readonly saved: readonly Playlist[];
  readonly open: OpenList | null;
  /** What the maker of lists is set to. */
  readonly wish: Wish;
  readonly undoable: Undoable | null;
  /** What came of the file that was opened last. */
  readonly opened: OpenedFile | null;
  /** Why the device could not keep what was wanted. */
  readonly problem: string | null;
}

const text = v.pipe(v.string(), v.maxLength(10_000));
const entryShape = v.object({
  trackId: v.nullable(text),
  title: text,
  artist: text,
  album: text,
  durationMs: v.nullable(v.pipe(v.number(), v.minValue(0))),
  location: v.nullable(text),
  tags: v.array(text),
});
/** What `Everything to a file` has of playlists. */
const settingsShape = v.object({
  playlists: v.array(
    v.object({
      id: v.pipe(v.string(), v.uuid()),
      title: text,
      entries: v.array(entryShape),
      createdAt: v.number(),
      changedAt: v.number(),
    }),
  ),
});

export function entryOf({ id, title, artist, album, durationMs, path }: Track): PlaylistEntry {
  return { trackId: id, title, artist, album, durationMs, location: path, tags: [] };
}

/** How many tracks, how many artists, how long. */
export function sumOf(entries: readonly PlaylistEntry[]): [number, number, number] {
  const tracks = entries.filter(({ title }) => title !== '').length;
  const ms = entries.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
  return [tracks, entries.length - tracks, ms];
}

/** The listener's playlists: those on the device, the one that is open, and how the next is to be. Pages come and go; this stays. */
export class Playlists {
  readonly #library: Library;
  readonly #listeners = new Set<() => void>();
  #state: PlaylistsState = {
    saved: [],
    open: null,
    wish: START_WISH,
    undoable: null,
    opened: null,
    problem: null,
  };

  constructor(library: Library) {
    this.#library = library;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): PlaylistsState => this.#state;

  async open(): Promise<void> {
    this.#library.onPlaylists(() => void this.#read());
    await this.#read();
  }

  setWish(change: Partial<Wish>): void {
    this.#set({ wish: { ...this.#state.wish, ...change } });
  }

  /** Looks at a list that is not kept yet. */
  show(title: string, entries: readonly PlaylistEntry[]): void {
    const now = Date.now();
    const open = { id: null, title, entries, createdAt: now, changedAt: now };
    this.#set({ open, undoable: null, problem: null });
  }

  /** Shows the list of a JSPF file; one that is none leaves everything as it is. */
  async openFile(file: File): Promise<void> {
    const { title, entries, ...opened } = await readPlaylistFile(file, this.#library);
    if (opened.problem === null) this.show(title, entries);
    this.#set({ opened });
  }

  look(playlist: Playlist): void {
    this.#set({ open: playlist, undoable: null, problem: null });
  }

  close(): void {
    this.#set({ open: null });
  }

  /** Keeps the open list from now on. */
  async save(): Promise<void> {
    const { open } = this.#state;
    if (open?.id === null) await this.#change({ id: crypto.randomUUID() });
  }

  async rename(title: string): Promise<void> {
    await this.#change({ title });
  }

  async setEntries(entries: readonly PlaylistEntry[]): Promise<void> {
    await this.#change({ entries });
  }

  async removeEntry(index: number): Promise<void> {
    const before = this.#state.open;
    const entry = before?.entries[index];
    if (!before || !entry) return;
    await this.setEntries(before.entries.filter((_, i) => i !== index));
    const undo = async (): Promise<void> => {
      // Whatever was done to it meanwhile stays.
      const now = this.#state.open;
      if (now === null || now.createdAt !== before.createdAt) return;
      const at = Math.min(index, now.entries.length);
      await this.setEntries(now.entries.toSpliced(at, 0, entry));
    };
    this.#set({ undoable: { kind: 'removed', name: entry.title || entry.artist, undo } });
  }

  async delete(playlist: Playlist): Promise<void> {
    const wasOpen = this.#state.open?.id === playlist.id;
    const done = await this.#keep(() => this.#library.deletePlaylist(playlist.id));
    if (!done) return;
    if (wasOpen) this.close();
    const undo = async (): Promise<void> => {
      await this.#keep(() => this.#library.keepPlaylists([playlist]));
      if (wasOpen) this.look(playlist);
    };
    this.#set({ undoable: { kind: 'deleted', name: playlist.title, undo } });
  }

  async undo(): Promise<void> {
    const { undoable } = this.#state;
    this.dismiss();
    await undoable?.undo();
  }

  dismiss(): void {
    this.#set({ undoable: null, problem: null });
  }

  /** To the end of a list that was saved; of a new one where `playlist` is a title. */
  async add(track: Track, playlist: Playlist | string): Promise<boolean> {
    const now = Date.now();
    const entry = entryOf(track);
    const list =
      typeof playlist === 'string'
        ? { id: crypto.randomUUID(), title: playlist, entries: [], createdAt: now }
        : playlist;
    const next = { ...list, entries: [...list.entries, entry], changedAt: this.#after(now) };
    return this.#keep(() => this.#library.keepPlaylists([next]));
  }

  /** What the file of everything has of them. */
  exported(): { readonly playlists: readonly Playlist[] } {
    return { playlists: this.#state.saved };
  }

  /** Takes the playlists of such a file in; of two states of one list the later stays. */
  async restore(settings: unknown): Promise<void> {
    const parsed = v.safeParse(settingsShape, settings);
    if (!parsed.success) return;
    const there = new Map(this.#state.saved.map((playlist) => [playlist.id, playlist.changedAt]));
    const newer = parsed.output.playlists.filter(
      ({ id, changedAt }) => changedAt > (there.get(id) ?? -Infinity),
    );
    if (newer.length > 0) await this.#keep(() => this.#library.keepPlaylists(newer));
  }

  /** All of it is being erased. */
  forget(): void {
    this.#set({
      saved: [],
      open: null,
      wish: START_WISH,
      undoable: null,
      opened: null,
      problem: null,
    });
  }

  async #change(change: Partial<OpenList>): Promise<void> {
    const { open } = this.#state;
    if (open === null) return;
    const next = { ...open, ...change, changedAt: this.#after(open.changedAt) };
    this.#set({ open: next, problem: null });
    const { id } = next;
    if (id === null) return;
    const kept = await this.#keep(() => this.#library.keepPlaylists([{ ...next, id }]));
    // It is still there to be saved again.
    if (!kept && open.id === null) this.#set({ open: { ...next, id: null } });
  }

  /** Two changes in one millisecond are still told apart. */
  #after(changedAt: number): number {
    return Math.max(Date.now(), changedAt + 1);
  }

  async #keep(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      await this.#read();
      return true;
    } catch (cause) {
      this.#set({ problem: problemOf(cause).message });
      return false;
    }
  }

  async #read(): Promise<void> {
    try {
      const saved = await this.#library.playlists();
      const { open } = this.#state;
      const kept = saved.find(({ id }) => id === open?.id);
      // Changed in another tab, or deleted there: then it is as one that was only made, and nothing is lost.
      if (kept && open && kept.changedAt > open.changedAt) this.#set({ saved, open: kept });
      else if (!kept && open && open.id !== null && this.#knew(open.id)) {
        this.#set({ saved, open: { ...open, id: null } });
      } else this.#set({ saved });
    } catch (cause) {
      this.#set({ problem: problemOf(cause).message });
    }
  }

  #knew(id: string): boolean {
    return this.#state.saved.some((playlist) => playlist.id === id);
  }

  #set(change: Partial<PlaylistsState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
