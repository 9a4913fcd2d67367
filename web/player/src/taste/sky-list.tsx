import { useId, useState, type ReactNode } from 'react';
import { useMusic } from '../state/use-music.ts';
import { starsAlong, type Cluster, type Sky } from './sky.ts';
import { useTasteWords } from './words.ts';

const SHOWN = 30;
const PATH_LENGTH = 20;

function ClusterStars({
  sky,
  cluster,
}: {
  readonly sky: Sky;
  readonly cluster: Cluster;
}): ReactNode {
  const words = useTasteWords();
  const [, music] = useMusic();
  const shown = cluster.stars.slice(0, SHOWN);
  return (
    <>
      <ul className="lines">
        {shown.map((i) => {
          const star = sky.stars[i];
          if (!star) return null;
          const { id, name, detail, plays, track } = star;
          const text = (
            <>
              <bdi>{name}</bdi>
              <span className="muted">
                <bdi>{detail}</bdi> · {words.times(plays)}
              </span>
            </>
          );
          return (
            <li key={id}>
              {track ? (
                <button type="button" className="line" onClick={() => music.play([track])}>
                  {text}
                </button>
              ) : (
                <div className="line">{text}</div>
              )}
            </li>
          );
        })}
      </ul>
      {cluster.stars.length > SHOWN && (
        <p className="muted">{words.more(cluster.stars.length - SHOWN)}</p>
      )}
    </>
  );
}

function Ends({
  sky,
  onPath,
}: {
  readonly sky: Sky;
  readonly onPath: (path: readonly number[]) => void;
}): ReactNode {
  const words = useTasteWords();
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState(Math.min(1, sky.clusters.length - 1));
  const make = (): void => {
    const [a, b] = [sky.clusters[from], sky.clusters[to]];
    if (!a || !b) return;
    const line = [
      [a.x, a.y],
      [b.x, b.y],
    ] as const;
    onPath(starsAlong(sky, { sx: 1, sy: 1, dx: 0, dy: 0 }, line, PATH_LENGTH));
  };
  const ends = [
    { label: words.from, value: from, set: setFrom },
    { label: words.to, value: to, set: setTo },
  ];
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        make();
      }}
    >
      {ends.map(({ label, value, set }) => (
        <label key={label} className="field">
          <span>{label}</span>
          <select value={value} onChange={({ target }) => set(Number(target.value))}>
            {sky.clusters.map(({ name }, i) => (
              <option key={i} value={i}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <button type="submit" className="button">
        {words.makePath}
      </button>
    </form>
  );
}

/** The map in words, for those who do not see it or do not point; a path can be made here, too. */
export function SkyList({
  sky,
  onPath,
}: {
  readonly sky: Sky;
  readonly onPath: (path: readonly number[]) => void;
}): ReactNode {
  const words = useTasteWords();
  const id = useId();
  // Hundreds of lines, that most never open.
  const [open, setOpen] = useState(false);
  return (
    <details
      className="disclosure sky-list"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{words.asList}</summary>
      {open && sky.clusters.length > 1 && <Ends sky={sky} onPath={onPath} />}
      {open &&
        sky.clusters.map((cluster, i) => (
          <section key={i} aria-labelledby={`${id}-${i}`}>
            <h3 id={`${id}-${i}`} className="small-title">
              {cluster.name} <span className="muted">{words.stars(cluster.stars.length)}</span>
            </h3>
            <ClusterStars sky={sky} cluster={cluster} />
          </section>
        ))}
    </details>
  );
}
