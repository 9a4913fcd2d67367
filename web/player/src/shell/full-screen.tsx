import { ChevronDown } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { Lyrics, Track } from '../library/types.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { AddToList } from './add-to-list.tsx';
import { Cover } from './cover.tsx';
import { Buttons, SeekBar, usePosition } from './controls.tsx';
import { Verdict } from './verdict.tsx';

function useLyrics(track: Track): Lyrics | null {
  const [, { library }] = useMusic();
  const [found, setFound] = useState<{ readonly id: string; readonly lyrics: Lyrics | null }>();
  useEffect(() => {
    let left = false;
    if (!track.hasLyrics) return;
    library.lyrics(track.id).then(
      (lyrics) => {
        if (!left) setFound({ id: track.id, lyrics });
      },
      // Without lyrics the page says so.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [track, library]);
  return found?.id === track.id ? found.lyrics : null;
}

/** The line that is sung now is in view and marked. */
function TimedLines({ lines }: { readonly lines: NonNullable<Lyrics['lines']> }): ReactNode {
  const [, { player }] = useMusic();
  const position = usePosition();
  const at = lines.findLastIndex(({ atMs }) => atMs <= position + 150);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <ol ref={list} className="lyrics timed">
      {lines.map(({ atMs, text }, i) => (
        <li key={i} className={i === at ? 'sung' : undefined}>
          <button type="button" onClick={() => player.seek(atMs)}>
            {text}
          </button>
        </li>
      ))}
    </ol>
  );
}

function LyricsView({ track }: { readonly track: Track }): ReactNode {
  const words = useWords();
  const lyrics = useLyrics(track);
  return (
    <section aria-labelledby="lyrics">
      <h3 id="lyrics">{words.app.player.lyrics}</h3>
      {lyrics === null ? (
        <p className="muted">{words.app.player.noLyrics}</p>
      ) : lyrics.lines ? (
        <TimedLines lines={lyrics.lines} />
      ) : (
        <p className="lyrics">{lyrics.plain}</p>
      )}
    </section>
  );
}

function WhyThis({ track }: { readonly track: Track }): ReactNode {
  const words = useWords();
  const [{ profile }] = useSession();
  const [{ learned }, music] = useMusic();
  const why = useAnswer(`${track.id} ${learned}`, (signal) => music.explain(track.id, signal));
  // Before anything was played there is no taste to speak of.
  if (why?.track.id !== track.id || profile === null || profile.events === 0) return null;
  return (
    <section aria-labelledby="why-this">
      <h3 id="why-this">{words.app.player.whyThis}</h3>
      <p>{words.app.home.because(why.because, why.sharedTags.slice(0, 3))}</p>
    </section>
  );
}

function Queue(): ReactNode {
  const words = useWords();
  const [, { player }] = useMusic();
  const { queue, index } = usePlayer();
  const next = queue.slice(index + 1, index + 21);
  if (next.length === 0) return null;
  return (
    <section aria-labelledby="queue">
      <h3 id="queue">{words.app.player.queue}</h3>
      <ol className="queue">
        {next.map(({ key, track }) => (
          <li key={key}>
            <button type="button" className="line" onClick={() => void player.jump(key)}>
              <bdi>{track.title}</bdi>
              <bdi className="muted">{track.artist}</bdi>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function FullScreen({
  isOpen,
  onOpenChange,
}: {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}): ReactNode {
  const words = useWords();
  const { current } = usePlayer();
  if (current === null) return null;
  const { track } = current;
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={onOpenChange} className="full-screen">
      <Modal>
        <Dialog className="full-dialog">
          {({ close }) => (
            <>
              <button
                type="button"
                className="icon-button"
                aria-label={words.app.player.close}
                onClick={close}
              >
                <ChevronDown className="icon" aria-hidden="true" />
              </button>
              <div className="full-columns">
                <div className="full-cover">
                  <Cover
                    cover={track.cover}
                    name={track.album || track.title}
                    className="cover large"
                  />
                  <Heading slot="title">
                    <bdi>{track.title}</bdi>
                  </Heading>
                  <p>
                    <bdi>{track.artist}</bdi>
                  </p>
                  <p className="muted">
                    <bdi>{track.album}</bdi>
                  </p>
                  <SeekBar />
                  <Buttons />
                  <div className="verdict">
                    <Verdict track={track} />
                    <AddToList track={track} />
                  </div>
                </div>
                <div className="full-words">
                  <WhyThis track={track} />
                  <LyricsView track={track} />
                  <Queue />
                </div>
              </div>
            </>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
