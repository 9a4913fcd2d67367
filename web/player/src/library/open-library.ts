import { chosenFile } from '../sources/folder/walk.ts';
import { parseAddress } from '../sources/server/address.ts';
import { askRelay } from '../sources/server/page-transport.ts';
import { RELAY_FOLDER } from '../sources/server/relay.ts';
import { SourceError } from '../sources/types.ts';
import type { LibraryCalls } from './calls.ts';
import { CoverLeases, mediaLease } from './leases.ts';
import { LIBRARY_DATABASE } from './schema.ts';
import type { Library, TrackQuery } from './types.ts';
import { Caller, type Port } from './wire.ts';

/** A page that draws itself at every change of a scan has no time for anything else. */
const CHANGES_EVERY_MS = 250;

export interface LibraryOptions {
  /** Where the page lies. */
  readonly base?: URL;
  /** The channel on which the worker tells of its requests; default: it does not. */
  readonly requests?: string | null;
}

/** The listener's library, in a worker of its own. */
export function openLibrary({
  base = new URL('./', document.baseURI),
  requests = null,
}: LibraryOptions = {}): Library {
  const name = JSON.stringify({ database: LIBRARY_DATABASE, base: base.href, requests });
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
  const library = libraryOver(worker, () => worker.terminate(), controlled);
  worker.addEventListener('error', ({ message }) => {
    const said = message ? `: ${message}` : '';
    library.fail(
      new SourceError('store_unavailable', `The library stopped${said}. Reload the page.`),
    );
  });
  return library.library;
}

/** The page's side over any port. `relayRuns`: whether the service worker answers for this page. */
export function libraryOver(
  port: Port,
  end: () => void,
  relayRuns: () => boolean,
): { readonly library: Library; readonly fail: (cause: Error) => void } {
  const listeners = new Set<() => void>();
  const playlistListeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const onEvent = (event: string): void => {
    if (event === 'playlists') {
      for (const listener of playlistListeners) listener();
      return;
    }
    timer ??= setTimeout(() => {
      timer = null;
      for (const listener of listeners) listener();
    }, CHANGES_EVERY_MS);
  };
  const caller = new Caller<LibraryCalls>(port, onEvent, askRelay);
  const covers = new CoverLeases((cover) => caller.call('cover', cover));

  const close = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    listeners.clear();
    playlistListeners.clear();
    covers.clear();
    try {
      await caller.call('close', null);
    } finally {
      caller.fail(new SourceError('store_unavailable', 'The library was closed.'));
      end();
    }
  };

  const library: Library = {
    counts: () => caller.call('counts', null),
    tracks: (query = {}) => caller.call('tracks', query),
    trackIds: (query = {}) => caller.call('trackIds', query),
    ids: () => caller.call('ids', null),
    get: (ids) => caller.call('get', ids),
    async *each(size = 500) {
      const order: TrackQuery['order'] = 'addedAt';
      for (let offset = 0; ;) {
        const { rows, total } = await caller.call('tracks', { order, offset, limit: size });
        if (rows.length > 0) yield rows;
        offset += rows.length;
        if (rows.length === 0 || offset >= total) return;
      }
    },
    find: (wanted) => caller.call('find', wanted),
    albums: (query = {}) => caller.call('albums', query),
    artists: (query = {}) => caller.call('artists', query),
    genres: () => caller.call('genres', null),
    lyrics: (trackId) => caller.call('lyrics', trackId),
    cover: (cover) => covers.lease(cover),
    async media(trackId) {
      const media = await caller.call('media', trackId);
      const relayed = 'url' in media && media.url.includes(`/${RELAY_FOLDER}/`);
      if (relayed && !relayRuns()) throw new SourceError('no_relay', NO_RELAY);
      return mediaLease(media);
    },
    sources: () => caller.call('sources', null),
    addFolder: (handle) => caller.call('addFolder', handle),
    addFiles: (files) => caller.call('addFiles', Array.from(files, chosenFile)),
    async addServer(settings, { signal } = {}) {
      parseAddress(settings.address);
      await relayReady(relayRuns, signal);
      return caller.call('addServer', settings, { signal });
    },
    addDemo: () => caller.call('addDemo', null),
    async allow(sourceId) {
      const handle = await caller.call('handle', sourceId);
      if (handle === null) return false;
      await handle.requestPermission({ mode: 'read' });
      return caller.call('refresh', sourceId);
    },
    scan: (sourceId, { onProgress, signal } = {}) =>
      caller.call('scan', sourceId, {
        signal,
        onProgress: onProgress as (progress: never) => void,
      }),
    problems: (sourceId) => caller.call('problems', sourceId),
    removeSource: (sourceId) => caller.call('removeSource', sourceId),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stored: () => caller.call('stored', null),
    playlists: () => caller.call('playlists', null),
    keepPlaylists: (playlists) => caller.call('keepPlaylists', playlists),
    deletePlaylist: (id) => caller.call('deletePlaylist', id),
    onPlaylists(listener) {
      playlistListeners.add(listener);
      return () => playlistListeners.delete(listener);
    },
    erase: () => caller.call('erase', null),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { library, fail: (cause) => caller.fail(cause) };
}

const NO_RELAY =
  'Servers are reached through this page’s service worker, and it is not running. Reload the page once, without holding Shift; private windows of some browsers have none.';

function controlled(): boolean {
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  return (serviceWorker?.controller ?? null) !== null;
}

/** On the first visit the service worker takes a moment to take over. */
async function relayReady(relayRuns: () => boolean, signal?: AbortSignal): Promise<void> {
  for (let tries = 0; !relayRuns(); ++tries) {
    signal?.throwIfAborted();
    if (tries === 50) throw new SourceError('no_relay', NO_RELAY);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
