import { Sparkles } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, Form, Label, Slider, SliderOutput } from 'react-aria-components';
import { EndBox } from '../parts/end-box.tsx';
import { SliderBar } from '../parts/slider-bar.tsx';
import { isAbort, problemOf } from '../problem.ts';
import { artistList, trackList } from '../state/make-list.ts';
import { useMusic, usePlaylists } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { shapeOf, type End, type Wish } from '../state/wish.ts';
import { useWords } from '../words/use-words.ts';
import { CurveChoice } from './playlist-curve.tsx';

const FOUND = 8;

function Knob({
  label,
  value,
  most,
  step,
  format,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly most: readonly [number, number];
  readonly step: number;
  readonly format?: Intl.NumberFormatOptions;
  readonly onChange: (value: number) => void;
}): ReactNode {
  return (
    <Slider
      className="knob"
      minValue={most[0]}
      maxValue={most[1]}
      step={step}
      value={value}
      onChange={onChange}
      {...(format && { formatOptions: format })}
    >
      <div className="knob-head">
        <Label>{label}</Label>
        <SliderOutput className="numbers" />
      </div>
      <SliderBar />
    </Slider>
  );
}

/** What the boxes for the two ends find. */
function useFind(own: boolean): (text: string, signal: AbortSignal) => Promise<readonly End[]> {
  const words = useWords();
  const [, { library }] = useMusic();
  const [, session] = useSession();
  if (!own) {
    return async (text, signal) => {
      const { items } = (await session.shown?.search(text, {
        limit: FOUND,
        asTyped: true,
        signal,
      })) ?? { items: [] };
      return items.map(({ artist: { id, name, tags } }) => {
        return { id, kind: 'artist', name, detail: tags.slice(0, 3).join(' · ') };
      });
    };
  }
  return async (text) => {
    const [artists, tracks] = await Promise.all([
      text === '' ? { rows: [] } : library.artists({ text, limit: 3 }),
      library.tracks({ text, order: 'title', limit: FOUND }),
    ]);
    return [
      ...artists.rows.map(({ name, tracks: n }): End => {
        return { id: name, kind: 'artist', name, detail: words.app.playlists.artistOf(n) };
      }),
      ...tracks.rows.map(({ id, title, artist }): End => {
        return { id, kind: 'track', name: title, detail: artist };
      }),
    ];
  };
}

/** Sets how a list is to be, and makes it. */
export function Maker(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [{ counts }, { library }] = useMusic();
  const [{ wish, open }, lists] = usePlaylists();
  const [making, setMaking] = useState(false);
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const { playlists } = words.app;
  // One's own music, as long as there is any and nothing else was asked for.
  const own = counts.tracks > 0 && wish.of !== 'artists';
  const find = useFind(own);
  const which = own ? 'tracks' : 'artists';
  const ends = wish[which];

  const make = async (next: Wish): Promise<void> => {
    const engine = own ? session.own : session.shown;
    if (!engine) return;
    lists.setWish(next);
    setMaking(true);
    setSaid(null);
    try {
      const entries = own
        ? await trackList(engine, library, next)
        : await artistList(engine, next, setProgress);
      const shape = next.curve && (shapeOf(next.curve) ?? 'own');
      lists.show(
        playlists.titleOf(
          ends.from?.name ?? null,
          ends.to?.name ?? null,
          shape && playlists.shapes[shape],
        ),
        entries,
      );
      setSaid(entries.length < next.length ? playlists.fewer(entries.length) : null);
    } catch (cause) {
      const problem = problemOf(cause);
      const ofEnds = problem.code === 'invalid_argument';
      if (!isAbort(cause)) setSaid(ofEnds ? playlists.badEnds : problem.message);
    }
    setProgress(null);
    setMaking(false);
  };

  return (
    <Form
      className="card wish"
      aria-label={playlists.make}
      onSubmit={(event) => {
        event.preventDefault();
        void make(wish);
      }}
    >
      {counts.tracks > 0 && (
        <div className="kinds" role="group" aria-label={playlists.title}>
          {(['tracks', 'artists'] as const).map((kind) => (
            <button
              key={kind}
              type="button"
              className="button"
              aria-pressed={which === kind}
              onClick={() => lists.setWish({ of: kind })}
            >
              {kind === 'tracks' ? playlists.own : playlists.artists}
            </button>
          ))}
        </div>
      )}
      <div className="ends">
        {(['from', 'to'] as const).map((end) => (
          <EndBox
            key={`${which} ${end}`}
            label={playlists[end]}
            chosen={ends[end]}
            find={find}
            about={`${which} ${counts.tracks}`}
            onChoose={(chosen) => lists.setWish({ [which]: { ...ends, [end]: chosen } })}
          />
        ))}
      </div>
      <CurveChoice curve={wish.curve} onChange={(curve) => lists.setWish({ curve })} />
      <Knob
        label={playlists.length}
        value={wish.length}
        most={[5, 100]}
        step={1}
        onChange={(length) => lists.setWish({ length })}
      />
      <Knob
        label={playlists.adventure}
        value={wish.adventure}
        most={[0, 1]}
        step={0.05}
        format={{ style: 'percent' }}
        onChange={(adventure) => lists.setWish({ adventure })}
      />
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={making}>
          <Sparkles className="icon" aria-hidden="true" />
          {playlists.make}
        </Button>
        {open !== null && (
          <Button
            className="button"
            isDisabled={making}
            onPress={() => void make({ ...wish, seed: wish.seed + 1 })}
          >
            {playlists.again}
          </Button>
        )}
      </div>
      <div role="status">
        {progress && progress.done < progress.total && (
          <>
            <p id="moods">{playlists.reading(progress.done, progress.total)}</p>
            <progress aria-labelledby="moods" value={progress.done} max={progress.total} />
          </>
        )}
        {said !== null && <p>{said}</p>}
      </div>
    </Form>
  );
}
