import { Play } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { Cover } from '../shell/cover.tsx';
import type { Pick } from '../state/music.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

export function Shelf({
  title,
  text,
  children,
  onPlayAll,
}: {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
  readonly onPlayAll?: () => void;
}): ReactNode {
  const words = useWords();
  const id = useId();
  return (
    <section className="shelf" aria-labelledby={id}>
      <div className="shelf-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p className="muted">{text}</p>
        </div>
        {onPlayAll && (
          <button type="button" className="button" onClick={onPlayAll}>
            {words.app.home.playAll}
          </button>
        )}
      </div>
      <ul className="cards">{children}</ul>
    </section>
  );
}

/** A shelf of the listener's own tracks. */
export function TrackShelf({
  title,
  text,
  picks,
}: {
  readonly title: string;
  readonly text: string;
  readonly picks: readonly Pick[];
}): ReactNode {
  const words = useWords();
  const [{ profile }] = useSession();
  // Before anything was played there is no taste to speak of.
  const learned = (profile?.events ?? 0) > 0;
  const [, music] = useMusic();
  if (picks.length === 0) return null;
  const tracks = picks.map(({ track }) => track);
  return (
    <Shelf title={title} text={text} onPlayAll={() => music.play(tracks)}>
      {picks.map(({ track, why }, index) => (
        <li key={track.id} className="track-card">
          <button
            type="button"
            className="card-button"
            aria-label={words.app.library.playFrom(track.title)}
            onClick={() => music.play(tracks, index)}
          >
            <Cover cover={track.cover} name={track.album || track.title} />
            <span className="card-play" aria-hidden="true">
              <Play className="icon" />
            </span>
          </button>
          <h3>
            <bdi>{track.title}</bdi>
          </h3>
          <p className="muted">
            <bdi>{track.artist}</bdi>
          </p>
          <p className="card-why">
            {learned
              ? words.app.home.because(why.because, why.sharedTags.slice(0, 2))
              : track.genres.slice(0, 3).join(' · ')}
          </p>
        </li>
      ))}
    </Shelf>
  );
}
