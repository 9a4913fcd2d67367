import { fromJspf, toJspf, toM3u8, toXspf, type PlaylistDocument } from 'ossicle/export/playlist';
import { useId, useState, type ReactNode } from 'react';
import type { Library, Track } from '../library/types.ts';
import { problemOf } from '../problem.ts';
import { useMusic } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import type { Entry } from './playlist-entries.tsx';
import { saveFile, today } from './save-file.ts';

const FORMATS = {
  jspf: { write: toJspf, type: 'application/jspf+json' },
  xspf: { write: toXspf, type: 'application/xspf+xml' },
  m3u8: { write: toM3u8, type: 'audio/x-mpegurl' },
} as const;

function documentOf(title: string, entries: readonly Entry[]): PlaylistDocument {
  return {
    title,
    creator: 'Ossicle',
    date: new Date(),
    tracks: entries.map(({ name, track }) =>
      track === null
        ? { artist: name }
        : {
            title: track.title,
            artist: track.artist,
            location: track.path,
            ...(track.album !== '' && { album: track.album }),
            ...(track.durationMs !== null && { durationMs: track.durationMs }),
          },
    ),
  };
}

/** M3U names files: a list of artists has none. */
export function SaveAs({ entries }: { readonly entries: readonly Entry[] }): ReactNode {
  const words = useWords();
  const { playlists } = words.app;
  const hasFiles = entries.every(({ track }) => track !== null);
  return (
    <div className="buttons" role="group" aria-label={playlists.save}>
      {(['jspf', 'xspf', 'm3u8'] as const)
        .filter((format) => format !== 'm3u8' || hasFiles)
        .map((format) => (
          <button
            key={format}
            type="button"
            className="button"
            aria-label={`${playlists.save} ${format.toUpperCase()}`}
            onClick={() => {
              const { write, type } = FORMATS[format];
              const text = write(documentOf(`Ossicle ${today()}`, entries));
              saveFile(`ossicle-${today()}.${format}`, new Blob([text], { type }));
            }}
          >
            {format.toUpperCase()}
          </button>
        ))}
    </div>
  );
}

const key = (title: string, artist: string): string =>
  `${artist}\n${title}`.normalize('NFKC').toLowerCase();

async function libraryByName(library: Library): Promise<ReadonlyMap<string, Track>> {
  const tracks = new Map<string, Track>();
  for await (const rows of library.each()) {
    for (const track of rows) tracks.set(key(track.title, track.artist), track);
  }
  return tracks;
}

/** Takes a JSPF file in; tracks are found in the library by title and artist. */
export function OpenFile({
  onOpen,
}: {
  readonly onOpen: (entries: readonly Entry[]) => void;
}): ReactNode {
  const words = useWords();
  const [, { library }] = useMusic();
  const [said, setSaid] = useState<string | null>(null);
  const id = useId();
  const { playlists } = words.app;

  const open = async (file: File): Promise<void> => {
    try {
      const { playlist, problems } = fromJspf(await file.text());
      const known = await libraryByName(library);
      const entries = playlist.tracks.map(({ title = '', artist = '' }, i): Entry => {
        const track = known.get(key(title, artist)) ?? null;
        const name = title === '' ? artist : title;
        return { key: `${i} ${name}`, name, detail: title === '' ? '' : artist, track };
      });
      const found = entries.filter(({ track }) => track !== null).length;
      const unread = problems.length > 0 ? ` ${playlists.unread(problems.length)}` : '';
      setSaid(playlists.opened(found, entries.length) + unread);
      onOpen(entries);
    } catch (cause) {
      setSaid(problemOf(cause).message);
    }
  };

  return (
    <div className="offer">
      <span className="choose">
        <input
          id={id}
          type="file"
          accept=".jspf,.json"
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file) void open(file);
            target.value = '';
          }}
        />
        <label htmlFor={id} className="button">
          {playlists.open}
        </label>
      </span>
      {said !== null && <p role="status">{said}</p>}
    </div>
  );
}
