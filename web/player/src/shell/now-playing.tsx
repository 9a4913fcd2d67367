import { ChevronDown, Maximize2, Radio as RadioIcon, Volume2, VolumeX } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Slider, ToggleButton } from 'react-aria-components';
import { SliderBar } from '../parts/slider-bar.tsx';
import { useSettings } from '../state/settings.ts';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import { AddToList } from './add-to-list.tsx';
import { Cover } from './cover.tsx';
import { Buttons, SeekBar } from './controls.tsx';
import { FullScreen } from './full-screen.tsx';
import { Verdict } from './verdict.tsx';

function Volume(): ReactNode {
  const words = useWords();
  const [, { player }] = useMusic();
  const { volume, muted } = usePlayer();
  const set = useSettings((settings) => settings.set);
  return (
    <div className="volume">
      <ToggleButton
        className="icon-button"
        aria-label={words.app.player.mute}
        isSelected={muted}
        onChange={(on) => player.setMuted(on)}
      >
        {muted ? (
          <VolumeX className="icon" aria-hidden="true" />
        ) : (
          <Volume2 className="icon" aria-hidden="true" />
        )}
      </ToggleButton>
      <Slider
        aria-label={words.app.player.volume}
        className="slider"
        minValue={0}
        maxValue={1}
        step={0.01}
        value={volume}
        formatOptions={{ style: 'percent' }}
        onChange={(value) => {
          player.setVolume(value);
          set({ volume: value });
        }}
      >
        <SliderBar />
      </Slider>
    </div>
  );
}

export function RadioSwitch(): ReactNode {
  const words = useWords();
  const [{ radio }, music] = useMusic();
  return (
    <ToggleButton
      className="icon-button"
      aria-label={words.app.player.radio}
      isSelected={radio}
      onChange={(on) => music.setRadio(on)}
    >
      <RadioIcon className="icon" aria-hidden="true" />
    </ToggleButton>
  );
}

/** Space plays and pauses, where no control has the focus that means something else by it. */
function useKeys(): void {
  const [, { player }] = useMusic();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey)
        return;
      if (target.closest('input, textarea, select, button, a, [role], summary') !== null) return;
      if (event.key === ' ') void player.toggle();
      else if (event.key === 'n') void player.next();
      else if (event.key === 'p') void player.previous();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [player]);
}

/** The bar at the bottom; there as soon as something was put on. */
export function NowPlaying(): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const { current, problem } = usePlayer();
  const [full, setFull] = useState(false);
  useKeys();
  if (current === null) return null;
  const { track } = current;
  return (
    <section className="now-playing" aria-label={words.app.player.label}>
      <button type="button" className="now-track" onClick={() => setFull(true)}>
        <Cover cover={track.cover} name={track.album || track.title} className="cover small" />
        <span className="now-words">
          <bdi className="now-title">{track.title}</bdi>
          <bdi className="muted">{track.artist}</bdi>
        </span>
        {/* Beside the track, so that what is seen is in the name. */}
        <span className="unseen">{words.app.player.open}</span>
        <Maximize2 className="icon" aria-hidden="true" />
      </button>
      <div className="now-middle">
        <Buttons />
        <SeekBar />
      </div>
      <div className="now-end">
        <Verdict track={track} />
        <AddToList track={track} />
        <RadioSwitch />
        <Volume />
      </div>
      {problem && (
        <p className="now-problem" role="status">
          {problem.reason === 'no_sound'
            ? words.app.player.noSound
            : words.app.player.failed(problem.track.title)}
          <button
            type="button"
            className="icon-button"
            aria-label={words.choice.dismiss}
            onClick={() => music.player.dismissProblem()}
          >
            <ChevronDown className="icon" aria-hidden="true" />
          </button>
        </p>
      )}
      <FullScreen isOpen={full} onOpenChange={setFull} />
    </section>
  );
}
