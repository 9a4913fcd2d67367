import { useId, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { SHAPES, shapeOf, type Shape } from '../state/wish.ts';
import { useWords } from '../words/use-words.ts';

const NAMES = ['calm', 'lively', 'rising', 'falling', 'arc'] as const satisfies readonly Shape[];
const PRESETS = ['off', ...NAMES] as const;
const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 0.05,
  ArrowRight: 0.05,
  ArrowDown: -0.05,
  ArrowLeft: -0.05,
  PageUp: 0.2,
  PageDown: -0.2,
  Home: -1,
  End: 1,
};

const linePoints = (curve: readonly number[], width: number, height: number, edge: number) =>
  curve
    .map((value, i) => {
      const x = edge + (i / (curve.length - 1)) * (width - 2 * edge);
      return `${x.toFixed(1)},${(height - edge - value * (height - 2 * edge)).toFixed(1)}`;
    })
    .join(' ');

function Picture({ curve }: { readonly curve: readonly number[] | null }): ReactNode {
  return (
    <svg className="curve-picture" viewBox="0 0 56 28" aria-hidden="true" focusable="false">
      {curve === null ? (
        <path d="M10 10h4M22 18h4M34 8h4M46 15h4" />
      ) : (
        <polyline points={linePoints(curve, 56, 28, 4)} />
      )}
    </svg>
  );
}

/** Points that are dragged up and down, or moved by the arrow keys. */
function Points({
  curve,
  onChange,
}: {
  readonly curve: readonly number[];
  readonly onChange: (curve: readonly number[]) => void;
}): ReactNode {
  const words = useWords();
  const { playlists } = words.app;
  const plot = useRef<HTMLDivElement>(null);
  const move = (i: number, value: number): void => {
    const rounded = Math.round(Math.min(1, Math.max(0, value)) * 20) / 20;
    onChange(curve.with(i, rounded));
  };
  const onKey = (i: number, event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(i, (curve[i] ?? 0) + step);
  };
  const onDrag = (i: number, event: PointerEvent): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = plot.current?.getBoundingClientRect();
    if (box) move(i, 1 - (event.clientY - box.top) / box.height);
  };
  return (
    <div className="curve-editor">
      <span className="muted" aria-hidden="true">
        {playlists.livelyEnd}
      </span>
      <div className="curve-plot" role="group" aria-label={playlists.points}>
        <div ref={plot} className="curve-inner">
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            <polyline points={linePoints(curve, 100, 100, 0)} />
          </svg>
          {curve.map((value, i) => (
            <span
              key={i}
              role="slider"
              tabIndex={0}
              className="curve-point"
              aria-label={playlists.point(i + 1, curve.length)}
              aria-orientation="vertical"
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={Math.round(value * 100)}
              aria-valuetext={playlists.liveliness(value)}
              style={{
                insetInlineStart: `${(i / (curve.length - 1)) * 100}%`,
                insetBlockEnd: `${value * 100}%`,
              }}
              onKeyDown={(event) => onKey(i, event)}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                event.currentTarget.focus();
              }}
              onPointerMove={(event) => onDrag(i, event)}
            />
          ))}
        </div>
      </div>
      <span className="muted" aria-hidden="true">
        {playlists.calmEnd}
      </span>
    </div>
  );
}

/** How calm or lively the list is on its way. */
export function CurveChoice({
  curve,
  onChange,
}: {
  readonly curve: readonly number[] | null;
  readonly onChange: (curve: readonly number[] | null) => void;
}): ReactNode {
  const words = useWords();
  const id = useId();
  const { playlists } = words.app;
  const shape = curve === null ? 'off' : (shapeOf(curve) ?? 'own');
  const choose = (value: string): void => {
    const name = NAMES.find((each) => each === value);
    if (value === 'off') onChange(null);
    else if (name) onChange(SHAPES[name]);
  };
  return (
    <div className="curve">
      <span id={id} className="curve-label">
        {playlists.mood}
      </span>
      <RadioGroup
        className="curve-shapes"
        aria-labelledby={id}
        orientation="horizontal"
        value={shape}
        onChange={choose}
      >
        {([...PRESETS, ...(shape === 'own' ? (['own'] as const) : [])] as const).map((name) => (
          <RadioField key={name} value={name}>
            <RadioButton className="curve-shape">
              <Picture curve={name === 'off' ? null : name === 'own' ? curve : SHAPES[name]} />
              <span>{playlists.shapes[name]}</span>
            </RadioButton>
          </RadioField>
        ))}
      </RadioGroup>
      {curve && <Points curve={curve} onChange={onChange} />}
    </div>
  );
}
