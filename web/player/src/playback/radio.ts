import type { Player, Radio, RadioOptions } from './types.ts';

const WINDOW = 200;
const AHEAD = 5;
/** After a failure it waits for the next change of the queue, but not for less than this. */
const REST_MS = 5000;

/** Endless music: keeps the queue filled with tracks that were not played, nor queued, lately. */
export function openRadio(player: Player, options: RadioOptions): Radio {
  const { more, window = WINDOW, ahead = AHEAD, onProblem } = options;
  /** Ids, the latest last. */
  const heard: string[] = [];
  const control = new AbortController();
  let asking = false;
  let dry = false;
  let queueWhenDry: unknown = null;
  let restUntil = 0;

  const ended = (): boolean => control.signal.aborted;
  const remember = (id: string): void => {
    const at = heard.indexOf(id);
    if (at !== -1) heard.splice(at, 1);
    heard.push(id);
    if (heard.length > window) heard.shift();
  };

  const fill = async (): Promise<void> => {
    const { queue, index, current, repeat } = player.state();
    if (current) remember(current.track.id);
    if (dry && queue !== queueWhenDry) dry = false;
    const left = queue.length - 1 - index;
    const idle =
      asking || dry || repeat !== 'off' || left >= ahead || performance.now() < restUntil;
    if (idle || ended()) return;
    asking = true;
    let again = false;
    try {
      const waiting = queue.slice(Math.max(0, index)).map(({ track }) => track.id);
      const recent = [...new Set([...waiting, ...heard.toReversed()])];
      const found = await more(recent, control.signal);
      if (ended()) return;
      const known = new Set(recent);
      const fresh = found.filter(({ id, hasAudio }) => {
        if (!hasAudio || known.has(id)) return false;
        known.add(id);
        return true;
      });
      const wanted = fresh.slice(0, Math.max(1, ahead - left));
      if (wanted.length > 0) player.insert(wanted, 'end', 'radio');
      else if (heard.length > waiting.length) {
        // Everything there is was played lately: the oldest half may come back.
        heard.splice(0, Math.ceil(heard.length / 2));
        again = true;
      } else {
        dry = true;
        queueWhenDry = player.state().queue;
      }
    } catch (cause) {
      if (ended()) return;
      restUntil = performance.now() + REST_MS;
      onProblem?.(cause);
    } finally {
      asking = false;
    }
    if (again) await fill();
  };

  const stop = player.subscribe(() => void fill());
  void fill();
  return {
    get dry() {
      return dry;
    },
    [Symbol.dispose]() {
      control.abort();
      stop();
    },
  };
}
