import type { ReactNode } from 'react';
import { SliderThumb, SliderTrack } from 'react-aria-components';

/** The track of a slider, filled up to its thumb. */
export function SliderBar(): ReactNode {
  return (
    <SliderTrack className="slider-track">
      {({ state }) => (
        <>
          <span
            className="slider-fill"
            style={{ inlineSize: `${state.getThumbPercent(0) * 100}%` }}
          />
          <SliderThumb className="slider-thumb" />
        </>
      )}
    </SliderTrack>
  );
}
