import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom';
import { Maximize, Minus, Plus } from 'lucide-react';
import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { draw, starAt, starsAlong, type Point, type Sky, type View } from './sky.ts';
import { useTasteWords } from './words.ts';

const CLOSEST = 24;
const STEP = 1.6;
/** A finger is not exact. */
const REACH = 22;
const PATH_LENGTH = 20;
const MOST_WIDE = 1.9;
/** The names need some room. */
const FILLED = 0.88;

type Zoom = ZoomBehavior<HTMLCanvasElement, unknown>;

interface Moved {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

/** A wide picture is filled, but not drawn out more than MOST_WIDE. */
function viewOf(canvas: HTMLCanvasElement, { k, x, y }: Moved): View {
  const [halfWidth, halfHeight] = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const sx = Math.min(halfWidth, halfHeight * MOST_WIDE) * FILLED;
  const sy = Math.min(halfHeight, halfWidth * MOST_WIDE) * FILLED;
  return { sx: sx * k, sy: sy * k, dx: halfWidth * k + x, dy: halfHeight * k + y };
}

function placeOf({ nativeEvent }: PointerEvent): Point {
  return [nativeEvent.offsetX, nativeEvent.offsetY];
}

/** The picture. All that it says is in the list below it, too. */
export function SkyCanvas({
  sky,
  current,
  chosen,
  path,
  drawing,
  onChoose,
  onPath,
}: {
  readonly sky: Sky;
  readonly current: number;
  readonly chosen: number;
  readonly path: readonly number[];
  readonly drawing: boolean;
  readonly onChoose: (star: number) => void;
  readonly onPath: (stars: readonly number[]) => void;
}): ReactNode {
  const words = useTasteWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const zooming = useRef<Zoom>(null);
  const isDrawing = useRef(drawing);
  const [moved, setMoved] = useState<Moved>({ k: 1, x: 0, y: 0 });
  const [size, setSize] = useState('');
  const [line, setLine] = useState<readonly Point[]>([]);
  const [near, setNear] = useState(-1);

  useEffect(() => {
    isDrawing.current = drawing;
  }, [drawing]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const behaviour: Zoom = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent([1, CLOSEST])
      // A wheel over the page turns the page; with Ctrl, or a trackpad's pinch, it is meant for the map, and so it is when the map has the focus.
      .filter((event: Event) => {
        if (event instanceof WheelEvent) return event.ctrlKey || document.activeElement === element;
        return !isDrawing.current;
      })
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        const { k, x, y } = transform;
        setMoved({ k, x, y });
      });
    zooming.current = behaviour;
    const selection = select(element);
    selection.call(behaviour);
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      element.width = Math.round(width * devicePixelRatio);
      element.height = Math.round(height * devicePixelRatio);
      behaviour.extent([
        [0, 0],
        [width, height],
      ]);
      behaviour.translateExtent([
        [0, 0],
        [width, height],
      ]);
      setSize(`${width} ${height} ${devicePixelRatio}`);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      selection.on('.zoom', null);
    };
  }, []);

  useEffect(() => {
    const element = canvas.current;
    if (!element || size === '') return;
    const frame = requestAnimationFrame(() =>
      draw(element, sky, viewOf(element, moved), { current, chosen, line, path }),
    );
    return () => cancelAnimationFrame(frame);
  }, [sky, current, chosen, line, path, moved, size]);

  const by = (factor: number): void => {
    if (canvas.current) zooming.current?.scaleBy(select(canvas.current), factor);
  };
  const whole = (): void => {
    if (canvas.current) zooming.current?.transform(select(canvas.current), zoomIdentity);
  };
  const find = ([x, y]: Point): number =>
    canvas.current ? starAt(sky, viewOf(canvas.current, moved), x, y, REACH) : -1;

  const end = (): void => {
    const element = canvas.current;
    if (element && line.length > 1) {
      onPath(starsAlong(sky, viewOf(element, moved), line, PATH_LENGTH));
    }
    setLine([]);
  };

  const star = near === -1 ? undefined : sky.stars[near];
  return (
    <div className="sky">
      <canvas
        ref={canvas}
        className={drawing ? 'drawing' : undefined}
        role="img"
        aria-label={words.picture(sky.stars.length, sky.clusters.length)}
        tabIndex={0}
        onKeyDown={({ key }) => {
          if (key === '+') by(STEP);
          else if (key === '-') by(1 / STEP);
          else if (key === '0') whole();
        }}
        onClick={({ nativeEvent: { offsetX, offsetY } }) => {
          if (!drawing) onChoose(find([offsetX, offsetY]));
        }}
        onPointerDown={(event) => {
          if (!drawing) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setLine([placeOf(event)]);
        }}
        onPointerMove={(event) => {
          if (line.length > 0) setLine([...line, placeOf(event)]);
          else if (event.pointerType === 'mouse') setNear(find(placeOf(event)));
        }}
        onPointerUp={end}
        onPointerCancel={() => setLine([])}
        onPointerLeave={() => setNear(-1)}
      />
      {star && (
        <p className="sky-near" aria-hidden="true">
          <bdi>{star.name}</bdi> <bdi>{star.detail}</bdi>
        </p>
      )}
      <div className="sky-buttons">
        <button
          type="button"
          className="icon-button"
          aria-label={words.closer}
          onClick={() => by(STEP)}
        >
          <Plus className="icon" aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={words.further}
          onClick={() => by(1 / STEP)}
        >
          <Minus className="icon" aria-hidden="true" />
        </button>
        <button type="button" className="icon-button" aria-label={words.whole} onClick={whole}>
          <Maximize className="icon" aria-hidden="true" />
        </button>
      </div>
    </div>
  );
}
