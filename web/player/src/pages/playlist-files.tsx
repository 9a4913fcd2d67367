import { toJspf, toM3u8, toXspf, type PlaylistDocument } from 'ossicle/export/playlist';
import { useId, type ReactNode } from 'react';
import type { OpenedFile } from '../state/playlist-file.ts';
import type { OpenList } from '../state/playlists.ts';
import { usePlaylists } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import type { Place } from './playlist-entries.tsx';
import { saveFile } from './save-file.ts';

const FORMATS = {
  jspf: { write: toJspf, type: 'application/jspf+json' },
  xspf: { write: toXspf, type: 'application/xspf+xml' },
  m3u8: { write: toM3u8, type: 'audio/x-mpegurl' },
} as const;

function documentOf({ title, changedAt }: OpenList, places: readonly Place[]): PlaylistDocument {
  return {
    title,
    creator: 'Ossicle',
    date: new Date(changedAt),
    tracks: places.map(({ entry, track }) => {
      const location = track?.path ?? entry.location;
      return {
        ...(entry.title !== '' && { title: entry.title }),
        ...(entry.artist !== '' && { artist: entry.artist }),
        ...(entry.album !== '' && { album: entry.album }),
        ...(entry.durationMs !== null && { durationMs: entry.durationMs }),
        ...(location !== null && { location }),
      };
    }),
  };
}

/** As a file's name: what no system allows in one is left out. */
function fileNameOf(title: string): string {
  // eslint-disable-next-line no-control-regex
  const name = title.replace(/[\0-\x1f<>:"/\\|?*]+/g, ' ').trim();
  return name === '' ? 'playlist' : name.slice(0, 80);
}

/** M3U names files: a list that has entries without one is not offered as such. */
export function SaveAs({
  list,
  places,
}: {
  readonly list: OpenList;
  readonly places: readonly Place[];
}): ReactNode {
  const words = useWords();
  const { playlists } = words.app;
  const document = documentOf(list, places);
  const hasFiles = document.tracks.every(({ location }) => location !== undefined);
  return (
    <div className="save-as" role="group" aria-label={playlists.save}>
      <span className="muted">{playlists.save}</span>
      {(['jspf', 'xspf', 'm3u8'] as const)
        .filter((format) => format !== 'm3u8' || hasFiles)
        .map((format) => (
          <button
            key={format}
            type="button"
            className="button quiet"
            aria-label={`${playlists.save} ${format.toUpperCase()}`}
            onClick={() => {
              const { write, type } = FORMATS[format];
              saveFile(
                `${fileNameOf(list.title)}.${format}`,
                new Blob([write(document)], { type }),
              );
            }}
          >
            {format.toUpperCase()}
          </button>
        ))}
    </div>
  );
}

/** Takes a JSPF file in, and says what came of the last one, also when it was dropped on the page. */
export function OpenFile(): ReactNode {
  const words = useWords();
  const [{ opened }, lists] = usePlaylists();
  const id = useId();
  const { playlists } = words.app;
  const said = ({ found, all, unread, problem }: OpenedFile): string =>
    problem === null
      ? [playlists.opened(found, all), ...(unread > 0 ? [playlists.unread(unread)] : [])].join(' ')
      : playlists.badFile(problem);
  return (
    <div className="offer">
      <span className="choose">
        <input
          id={id}
          type="file"
          accept=".jspf,.json"
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file) void lists.openFile(file);
            target.value = '';
          }}
        />
        <label htmlFor={id} className="button">
          {playlists.open}
        </label>
      </span>
      <p className="muted" role="status">
        {opened === null ? playlists.openText : said(opened)}
      </p>
    </div>
  );
}
