import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Slider } from 'react-aria-components';
import { SliderBar } from '../parts/slider-bar.tsx';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

export function usePosition(): number {
  const [, music] = useMusic();
  const [position, setPosition] = useState(() => music.player.position());
  useEffect(() => music.player.onPosition(setPosition), [music]);
  return position;
}

export function SeekBar(): ReactNode {
  const words = useWords();
  const [, music] = useMusic();
  const { durationMs, current } = usePlayer();
  const position = usePosition();
  const [dragged, setDragged] = useState<number | null>(null);
  const at = dragged ?? Math.min(position, durationMs);
  return (
    <div className="seek">
      <span className="numbers">{words.app.minutes(at)}</span>
      <Slider
        aria-label={words.app.player.seek}
        className="slider"
        minValue={0}
        maxValue={Math.max(durationMs, 1)}
        step={1000}
        value={at}
        isDisabled={current === null || durationMs === 0}
        onChange={setDragged}
        onChangeEnd={(value) => {
          setDragged(null);
          music.player.seek(value);
        }}
      >
        <SliderBar />
      </Slider>
      <span className="numbers">{words.app.minutes(durationMs)}</span>
    </div>
  );
}

export function Buttons(): ReactNode {
  const words = useWords();
  const [, { player }] = useMusic();
  const { status } = usePlayer();
  const plays = status === 'playing' || status === 'loading';
  return (
    <div className="transport">
      <button
        type="button"
        className="icon-button"
        aria-label={words.app.player.previous}
        onClick={() => void player.previous()}
      >
        <SkipBack className="icon" aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button play"
        aria-label={plays ? words.app.player.pause : words.app.player.play}
        onClick={() => void player.toggle()}
      >
        {plays ? (
          <Pause className="icon" aria-hidden="true" />
        ) : (
          <Play className="icon" aria-hidden="true" />
        )}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={words.app.player.next}
        onClick={() => void player.next()}
      >
        <SkipForward className="icon" aria-hidden="true" />
      </button>
    </div>
  );
}
