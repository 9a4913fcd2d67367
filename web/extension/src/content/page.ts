/**
 * Runs in the page's own world. Media elements that are in no document, or in a shadow tree, tell the observer's document nothing: this passes their
 * events on. Changes nothing of what the page sees.
 */
import { MEDIA_EVENTS, SOUND_EVENT, type Told } from './element.ts';

const known = new WeakMap<HTMLMediaElement, number>();
let elements = 0;

function tell(detail: Partial<Told>): void {
  document.dispatchEvent(new CustomEvent(SOUND_EVENT, { detail: JSON.stringify(detail) }));
}

function isSeen(element: HTMLMediaElement): boolean {
  return element.getRootNode() === document;
}

function onEvent(this: HTMLMediaElement, { type: kind }: Event): void {
  const element = known.get(this);
  // Once it is in the document, the observer hears it itself.
  if (element === undefined) return;
  const isHeardThere = isSeen(this);
  const goesOn = !this.paused && !this.ended && !this.seeking && this.readyState >= 2;
  tell({
    ...{ element, kind, seconds: this.currentTime, duration: this.duration },
    ...{ rate: this.playbackRate, ended: this.ended && !isHeardThere, seeking: this.seeking },
    moves: goesOn && !isHeardThere && !this.muted && this.volume > 0,
  });
}

function watch(element: HTMLMediaElement): void {
  if (known.has(element) || isSeen(element)) return;
  known.set(element, ++elements);
  for (const kind of MEDIA_EVENTS) element.addEventListener(kind, onEvent);
}

type Also = (self: unknown) => void;

/** The page's function does as before, and `also` besides: whatever goes wrong there is no business of the page. */
function wrap(prototype: object, name: string, part: 'value' | 'set', also: Also): void {
  const found = Object.getOwnPropertyDescriptor(prototype, name);
  const { [part]: whole }: { readonly value?: unknown; readonly set?: unknown } = found ?? {};
  if (typeof whole !== 'function') return;
  const wrapped = new Proxy(whole, {
    apply(target, self, args): unknown {
      try {
        also(self);
      } catch {
        // The page goes on.
      }
      return Reflect.apply(target, self, args);
    },
  });
  Object.defineProperty(prototype, name, { ...found, [part]: wrapped });
}

/** A page may set its session a thousand times in a row. */
let isTelling = false;

function tellSession(): void {
  if (isTelling) return;
  isTelling = true;
  queueMicrotask(() => {
    isTelling = false;
    tell({ kind: 'session', element: 0 });
  });
}

/** A site that was turned off and on again has it already. */
const MARK = Symbol.for('ossicle');
if (!Object.hasOwn(HTMLMediaElement, MARK)) {
  Object.defineProperty(HTMLMediaElement, MARK, { value: true });
  wrap(HTMLMediaElement.prototype, 'play', 'value', (self) => {
    if (self instanceof HTMLMediaElement) watch(self);
  });
  // The media session tells nobody that it was changed.
  if ('MediaSession' in window) {
    wrap(MediaSession.prototype, 'metadata', 'set', tellSession);
    wrap(MediaSession.prototype, 'playbackState', 'set', tellSession);
  }
}
