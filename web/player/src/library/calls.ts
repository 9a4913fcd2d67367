/** What the page may ask of the worker. */
import type { ChosenFile } from '../sources/folder/walk.ts';
import type { ServerSettings } from '../sources/types.ts';
import type { LibraryService } from './service.ts';
import type { AlbumQuery, Playlist, TrackQuery, Wanted, Window } from './types.ts';
import type { CallContext } from './wire.ts';

export type LibraryCalls = ReturnType<typeof libraryCalls>;

export function libraryCalls(opening: Promise<LibraryService>) {
  const on =
    <Args, Result>(
      answer: (
        service: LibraryService,
        args: Args,
        context: CallContext,
      ) => Result | Promise<Result>,
    ) =>
    async (args: Args, context: CallContext): Promise<Result> =>
      answer(await opening, args, context);
  return {
    counts: on((service) => service.counts()),
    tracks: on((service, query: TrackQuery) => service.tracks(query)),
    trackIds: on((service, query: TrackQuery) => service.trackIds(query)),
    ids: on((service) => service.ids()),
    get: on((service, ids: readonly string[]) => service.get(ids)),
    find: on((service, wanted: readonly Wanted[]) => service.find(wanted)),
    albums: on((service, query: AlbumQuery) => service.albums(query)),
    artists: on((service, query: Window & { readonly text?: string }) => service.artists(query)),
    genres: on((service) => service.genres()),
    lyrics: on((service, id: string, { signal }) => service.lyrics(id, signal)),
    cover: on((service, cover: string) => service.cover(cover)),
    media: on((service, id: string) => service.media(id)),
    sources: on((service) => service.sources()),
    addFolder: on((service, handle: FileSystemDirectoryHandle) => service.addFolder(handle)),
    addFiles: on((service, files: readonly ChosenFile[]) => service.addFiles(files)),
    addServer: on((service, settings: ServerSettings, { signal }) =>
      service.addServer(settings, signal),
    ),
    addDemo: on((service) => service.addDemo()),
    handle: on((service, id: string) => service.handle(id)),
    refresh: on((service, id: string) => service.refresh(id)),
    scan: on((service, id: string, { signal, progress }) => service.scan(id, signal, progress)),
    problems: on((service, id: string) => service.problems(id)),
    removeSource: on((service, id: string) => service.removeSource(id)),
    stored: on((service) => service.stored()),
    playlists: on((service) => service.playlists()),
    keepPlaylists: on((service, playlists: readonly Playlist[]) =>
      service.keepPlaylists(playlists),
    ),
    deletePlaylist: on((service, id: string) => service.deletePlaylist(id)),
    erase: on((service) => service.erase()),
    close: on((service) => service.close()),
  };
}
