import { Check, Play, Save, X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Input, TextField } from 'react-aria-components';
import type { Library, PlaylistEntry } from '../library/types.ts';
import { sumOf, type OpenList } from '../state/playlists.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic, usePlaylists } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import { Entries, type Place } from './playlist-entries.tsx';
import { SaveAs } from './playlist-files.tsx';

/** By id; what is not there under its id, because it was moved or added anew, is looked for by its words. */
async function placesOf(
  library: Library,
  entries: readonly PlaylistEntry[],
): Promise<readonly Place[]> {
  const byId = await library.get(entries.map(({ trackId }) => trackId ?? ''));
  const lost = entries.filter((entry, i) => entry.title !== '' && !byId[i]);
  const found = await library.find(lost);
  return entries.map((entry, i) => ({
    entry,
    track: byId[i] ?? found[lost.indexOf(entry)] ?? null,
  }));
}

/** The list that is open: its name, its tracks, and what can be done with them. */
export function View({ list }: { readonly list: OpenList }): ReactNode {
  const words = useWords();
  const [{ revision }, music] = useMusic();
  const [, lists] = usePlaylists();
  const { playlists } = words.app;
  const { entries } = list;
  const key = `${list.createdAt} ${list.changedAt} ${revision}`;
  const places = useAnswer(key, () => placesOf(music.library, entries));
  const section = useRef<HTMLElement>(null);
  // A new list comes into view where the page is one column; its maker keeps the focus.
  useEffect(() => {
    section.current?.scrollIntoView({ block: 'nearest' });
  }, [list.createdAt]);
  const tracks = places?.flatMap(({ track }) => track ?? []) ?? [];
  return (
    <section ref={section} className="open-list" aria-label={playlists.openList}>
      <div className="open-head">
        <TextField
          className="title-field"
          aria-label={playlists.name}
          value={list.title}
          onChange={(title) => void lists.rename(title)}
        >
          <Input />
        </TextField>
        <button
          type="button"
          className="icon-button"
          aria-label={playlists.close}
          onClick={() => lists.close()}
        >
          <X className="icon" aria-hidden="true" />
        </button>
      </div>
      <p className="muted">{playlists.holds(...sumOf(entries))}</p>
      <div className="buttons open-buttons">
        {tracks.length > 0 && (
          <button type="button" className="button primary" onClick={() => music.play(tracks)}>
            <Play className="icon" aria-hidden="true" />
            {playlists.play}
          </button>
        )}
        {list.id === null ? (
          <button type="button" className="button" onClick={() => void lists.save()}>
            <Save className="icon" aria-hidden="true" />
            {playlists.keep}
          </button>
        ) : (
          <p className="kept" role="status">
            <Check className="icon" aria-hidden="true" />
            {playlists.kept}
          </p>
        )}
      </div>
      {places && <Entries places={places} />}
      {entries.length === 0 && <p className="muted">{playlists.nothingLeft}</p>}
      {places && entries.length > 0 && <SaveAs list={list} places={places} />}
    </section>
  );
}
