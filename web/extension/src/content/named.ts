import { clean, isAd, type Names } from '../clean.ts';
import { isHostOf } from './connectors/connector.ts';
import type { Named } from './play.ts';

/** Longer texts are cut anyway; a page may hand over megabytes again and again. */
const MOST_LETTERS = 1200;

export function cut(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, MOST_LETTERS) : '';
}

/** Here the artist of the media session is whoever put it there. */
export function isByChannel(host: string): boolean {
  if (isHostOf(host, 'music.youtube.com')) return false;
  return isHostOf(host, 'youtube.com') || isHostOf(host, 'bilibili.com');
}

/** Cleans what the page says; the same again costs nothing. */
export class Cleaner {
  readonly #byChannel: boolean;
  #last: Names | null = null;
  #named: Named = null;

  constructor(host: string) {
    this.#byChannel = isByChannel(host);
  }

  named(found: Names | null): Named {
    if (found === null) return null;
    const last = this.#last;
    const isLast =
      found.artist === last?.artist && found.title === last.title && found.album === last.album;
    if (isLast) return this.#named;
    this.#last = found;
    const names = clean(found, { byChannel: this.#byChannel });
    this.#named = isAd(names.artist, names.title) ? 'ad' : names;
    return this.#named;
  }
}
