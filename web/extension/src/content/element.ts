/** What a media element, or the page's world for one that is not in the document, says of itself. */
import type { SoundState } from './stretch.ts';

/** Of the page's world: JSON in the detail of an event. */
export interface Told {
  /** Which element. */
  readonly element: number;
  readonly kind: string;
  readonly seconds: number;
  readonly duration: number;
  readonly rate: number;
  readonly moves: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
}

export const SOUND_EVENT = 'ossicle-sound';
export const MEDIA_EVENTS = [
  ...['playing', 'pause', 'waiting', 'seeking', 'seeked', 'ended', 'emptied', 'loadedmetadata'],
  ...['durationchange', 'ratechange', 'timeupdate', 'volumechange'],
] as const;

const MOST_ELEMENTS = 10_000;
const MOST_LETTERS = 1000;

/** A length that can be one, in milliseconds. */
function lengthOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0
    ? seconds * 1000
    : null;
}

function number(found: unknown, otherwise: number): number {
  return typeof found === 'number' && Number.isFinite(found) ? found : otherwise;
}

export function stateOf(element: HTMLMediaElement): SoundState {
  const { currentTime, duration, playbackRate, ended, seeking } = element;
  const isAudible = !element.muted && element.volume > 0;
  // At HAVE_CURRENT_DATA it waits for the network or plays the last that it has: its position tells which.
  const goesOn = !element.paused && !ended && !seeking && element.readyState >= 2;
  return {
    positionMs: number(currentTime, 0) * 1000,
    durationMs: lengthOf(duration),
    rate: number(playbackRate, 1),
    moves: isAudible && goesOn,
    ended,
    // Without a source it is at 0, wherever it was.
    jumps: seeking || element.readyState === 0,
  };
}

/** null: not one of ours. */
export function toldOf(
  detail: unknown,
): { element: number; kind: string; state: SoundState } | null {
  if (typeof detail !== 'string' || detail.length > MOST_LETTERS) return null;
  try {
    const found: unknown = JSON.parse(detail);
    if (typeof found !== 'object' || found === null) return null;
    const told = found as Readonly<Partial<Record<keyof Told, unknown>>>;
    const element = number(told.element, -1);
    if (typeof told.kind !== 'string' || !Number.isInteger(element)) return null;
    if (element < 0 || element > MOST_ELEMENTS) return null;
    const state: SoundState = {
      positionMs: number(told.seconds, 0) * 1000,
      durationMs: lengthOf(told.duration),
      rate: number(told.rate, 1),
      moves: told.moves === true,
      ended: told.ended === true,
      jumps: told.seeking === true || told.kind === 'emptied',
    };
    return { element, kind: told.kind, state };
  } catch {
    return null;
  }
}
