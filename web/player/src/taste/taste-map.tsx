import { PenLine } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { SkyCanvas } from './sky-canvas.tsx';
import { SkyList } from './sky-list.tsx';
import type { Sky } from './sky.ts';
import './taste.css';
import { useSky } from './use-sky.ts';
import { useTasteWords } from './words.ts';

function Chosen({ sky, index }: { readonly sky: Sky; readonly index: number }): ReactNode {
  const words = useTasteWords();
  const [, music] = useMusic();
  const star = sky.stars[index];
  if (!star) return null;
  const { name, detail, plays, track } = star;
  return (
    <div className="chosen-star">
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        <bdi className="muted">{detail}</bdi> <span className="muted">{words.times(plays)}</span>
      </p>
      {track && (
        <button
          type="button"
          className="button"
          aria-label={words.playOne(name)}
          onClick={() => music.play([track])}
        >
          {words.play}
        </button>
      )}
    </div>
  );
}

function Path({
  sky,
  path,
  onClear,
}: {
  readonly sky: Sky;
  readonly path: readonly number[];
  readonly onClear: () => void;
}): ReactNode {
  const words = useTasteWords();
  const [, music] = useMusic();
  const id = useId();
  const stars = path.flatMap((i) => sky.stars[i] ?? []);
  const tracks = stars.flatMap(({ track }) => track ?? []);
  return (
    <section className="sky-path" aria-labelledby={id}>
      <h3 id={id} className="small-title">
        {words.path}
      </h3>
      <ol className="lines numbered" data-list="path">
        {stars.map(({ id: star, name, detail }) => (
          <li key={star} className="line">
            <span>
              <bdi>{name}</bdi> <bdi className="muted">{detail}</bdi>
            </span>
          </li>
        ))}
      </ol>
      <div className="buttons">
        {tracks.length > 0 && (
          <button type="button" className="button primary" onClick={() => music.play(tracks)}>
            {words.play}
          </button>
        )}
        <button type="button" className="button" onClick={onClear}>
          {words.clearPath}
        </button>
      </div>
    </section>
  );
}

function SkyView({ sky }: { readonly sky: Sky }): ReactNode {
  const words = useTasteWords();
  const { current } = usePlayer();
  const [chosen, setChosen] = useState(-1);
  const [drawing, setDrawing] = useState(false);
  const [path, setPath] = useState<readonly number[]>([]);
  const playing = current ? sky.stars.findIndex(({ id }) => id === current.track.id) : -1;
  return (
    <>
      <div className="sky-tools">
        <button
          type="button"
          className="button"
          aria-pressed={drawing}
          onClick={() => setDrawing(!drawing)}
        >
          <PenLine className="icon" aria-hidden="true" />
          {words.drawPath}
        </button>
        {drawing && (
          <p className="muted" role="status">
            {words.drawing}
          </p>
        )}
      </div>
      <SkyCanvas
        sky={sky}
        current={playing}
        chosen={chosen}
        path={path}
        drawing={drawing}
        onChoose={setChosen}
        onPath={(found) => {
          setPath(found);
          setDrawing(false);
        }}
      />
      <div aria-live="polite">
        <Chosen sky={sky} index={chosen} />
      </div>
      {path.length > 0 && <Path sky={sky} path={path} onClear={() => setPath([])} />}
      <SkyList sky={sky} onPath={setPath} />
    </>
  );
}

export function TasteMap(): ReactNode {
  const words = useTasteWords();
  const id = useId();
  const { state, ofArtists, again } = useSky();
  return (
    <section className="taste-map" aria-labelledby={id}>
      <h2 id={id}>{words.map}</h2>
      {state.kind === 'few' ? (
        <p className="muted">{words.few}</p>
      ) : (
        <p className="muted">
          {words.mapText} {ofArtists && words.artistsText}
        </p>
      )}
      {state.kind === 'failed' && (
        <div className="card" role="alert">
          <p>{words.failed}</p>
          <button type="button" className="button" onClick={again}>
            {words.again}
          </button>
        </div>
      )}
      {(state.kind === 'waiting' || state.kind === 'placing') && (
        <div className="sky sky-empty" role="status">
          {state.kind === 'placing' && <p>{words.placing}</p>}
        </div>
      )}
      {state.kind === 'reading' && (
        <div className="sky sky-empty">
          <p id={`${id}-reading`}>{words.preparing(state.done, state.total)}</p>
          <progress aria-labelledby={`${id}-reading`} value={state.done} max={state.total} />
        </div>
      )}
      {state.kind === 'ready' && <SkyView sky={state.sky} />}
    </section>
  );
}
