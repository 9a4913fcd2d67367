import type { Artist, Engine } from 'ossicle';
import { useEffect, useState, type ReactNode } from 'react';
import { Button, Form, Input, Label, Slider, SliderOutput, TextField } from 'react-aria-components';
import { SliderBar } from '../parts/slider-bar.tsx';
import { isAbort, problemOf } from '../problem.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords, type Words } from '../words/use-words.ts';
import { Entries, type Entry } from './playlist-entries.tsx';
import { OpenFile, SaveAs } from './playlist-files.tsx';

interface Wish {
  readonly from: string;
  readonly to: string;
  readonly length: number;
  readonly adventure: number;
  readonly seed: number;
}

const START: Wish = { from: '', to: '', length: 20, adventure: 0.3, seed: 0 };

/** Who is meant, or a message that nobody is called so. */
async function artistCalled(engine: Engine, name: string, words: Words): Promise<string | null> {
  if (name.trim() === '') return null;
  const { items } = await engine.search(name, { limit: 1 });
  const id = items[0]?.artist.id;
  if (id === undefined) throw new Error(words.app.playlists.noSuch(name));
  return id;
}

async function artistList(engine: Engine, wish: Wish, words: Words): Promise<readonly Artist[]> {
  const from = await artistCalled(engine, wish.from, words);
  const to = await artistCalled(engine, wish.to, words);
  const { length, adventure, seed } = wish;
  const ends = { ...(from !== null && { from }), ...(to !== null && { to }) };
  const list = await engine.playlist({ length, adventure, seed, ...ends });
  return list.map(({ artist }) => artist);
}

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

export function Playlists(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [{ counts }, music] = useMusic();
  const [wish, setWish] = useState(START);
  const [chosen, setChosen] = useState<'own' | 'artists' | null>(null);
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [making, setMaking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { playlists } = words.app;
  // One's own music, as long as there is any and nothing else was asked for.
  const own = counts.tracks > 0 && chosen !== 'artists';
  useEffect(() => {
    document.title = `${playlists.title} · ${words.appName}`;
  }, [playlists, words]);

  const make = async (next: Wish): Promise<void> => {
    const engine = session.shown;
    if (!engine) return;
    setWish(next);
    setMaking(true);
    setProblem(null);
    try {
      if (own) setEntries(await ownEntries(next));
      else {
        const list = await artistList(engine, next, words);
        setEntries(
          list.map(({ id, name, tags }) => ({
            key: id,
            name,
            detail: tags.slice(0, 3).join(' · '),
            track: null,
          })),
        );
      }
    } catch (cause) {
      if (!isAbort(cause)) setProblem(problemOf(cause).message);
    }
    setMaking(false);
  };

  /** What fits, more familiar or less; another seed begins further down. */
  const ownEntries = async ({ length, adventure, seed }: Wish): Promise<readonly Entry[]> => {
    const familiarity = 1 - 2 * adventure;
    const limit = Math.min(1000, length * (seed + 1));
    const picks = await music.recommend({ limit, familiarity, reasons: 0, repeatDays: 0 });
    const rest = picks.slice(limit - length);
    return (rest.length === length ? rest : picks.slice(-length)).map(({ track }) => ({
      key: track.id,
      name: track.title,
      detail: track.artist,
      track,
    }));
  };

  const tracks = entries?.flatMap(({ track }) => track ?? []) ?? [];
  return (
    <>
      <h1>{playlists.title}</h1>
      <p className="lead">{playlists.lead}</p>
      <Form
        className="card wish"
        onSubmit={(event) => {
          event.preventDefault();
          void make(wish);
        }}
      >
        {counts.tracks > 0 && (
          <div className="kinds" role="group" aria-label={playlists.title}>
            <button
              type="button"
              className="button"
              aria-pressed={own}
              onClick={() => setChosen('own')}
            >
              {playlists.own}
            </button>
            <button
              type="button"
              className="button"
              aria-pressed={!own}
              onClick={() => setChosen('artists')}
            >
              {playlists.artists}
            </button>
          </div>
        )}
        {!own && (
          <div className="ends">
            <TextField
              className="field"
              autoComplete="off"
              value={wish.from}
              onChange={(from) => setWish({ ...wish, from })}
            >
              <Label>{playlists.from}</Label>
              <Input placeholder={playlists.anyone} />
            </TextField>
            <TextField
              className="field"
              autoComplete="off"
              value={wish.to}
              onChange={(to) => setWish({ ...wish, to })}
            >
              <Label>{playlists.to}</Label>
              <Input placeholder={playlists.anyone} />
            </TextField>
          </div>
        )}
        <Knob
          label={playlists.length}
          value={wish.length}
          most={[5, 100]}
          step={1}
          onChange={(length) => setWish({ ...wish, length })}
        />
        <Knob
          label={playlists.adventure}
          value={wish.adventure}
          most={[0, 1]}
          step={0.05}
          format={{ style: 'percent' }}
          onChange={(adventure) => setWish({ ...wish, adventure })}
        />
        <div className="buttons">
          <Button type="submit" className="button primary" isDisabled={making}>
            {playlists.make}
          </Button>
          {entries && (
            <Button
              className="button"
              isDisabled={making}
              onPress={() => void make({ ...wish, seed: wish.seed + 1 })}
            >
              {playlists.again}
            </Button>
          )}
        </div>
      </Form>
      <OpenFile onOpen={setEntries} />
      {problem !== null && (
        <p className="card" role="alert">
          {problem}
        </p>
      )}
      {entries === null ? (
        <p className="muted">{playlists.empty}</p>
      ) : (
        <>
          {tracks.length > 0 && (
            <button type="button" className="button" onClick={() => music.play(tracks)}>
              {playlists.play}
            </button>
          )}
          <Entries entries={entries} onChange={setEntries} />
          {entries.length > 0 && <SaveAs entries={entries} />}
        </>
      )}
    </>
  );
}
