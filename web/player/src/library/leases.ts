import type { Media } from './service.ts';
import type { Lease } from './types.ts';

/** Covers that nobody shows are kept for a while: scrolling back must not ask for them again. */
const IDLE = 200;

interface Held {
  readonly url: Promise<string | null>;
  users: number;
}

export function leaseOf(url: string, give: () => void): Lease {
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    give();
  };
  return { url, release, [Symbol.dispose]: release };
}

/** An address for what the worker found; a file's is revoked when it is released. */
export function mediaLease(media: Media): Lease {
  if ('url' in media) return leaseOf(media.url, () => undefined);
  const url = URL.createObjectURL(media.file);
  return leaseOf(url, () => URL.revokeObjectURL(url));
}

/** One address for each cover, however many show it; at most `IDLE` that nobody shows. */
export class CoverLeases {
  readonly #find: (cover: string) => Promise<Media | null>;
  readonly #held = new Map<string, Held>();

  constructor(find: (cover: string) => Promise<Media | null>) {
    this.#find = find;
  }

  async lease(cover: string): Promise<Lease | null> {
    const known = this.#held.get(cover);
    const held: Held = known ?? { url: this.#urlOf(cover), users: 0 };
    ++held.users;
    this.#held.set(cover, held);
    try {
      const url = await held.url;
      if (url !== null) return leaseOf(url, () => this.#give(cover, held));
    } catch (cause) {
      this.#drop(cover, held);
      throw cause;
    }
    this.#drop(cover, held);
    return null;
  }

  clear(): void {
    for (const [cover, held] of this.#held) this.#drop(cover, held);
  }

  async #urlOf(cover: string): Promise<string | null> {
    const media = await this.#find(cover);
    if (media === null) return null;
    return 'url' in media ? media.url : URL.createObjectURL(media.file);
  }

  #give(cover: string, held: Held): void {
    --held.users;
    if (held.users > 0 || this.#held.get(cover) !== held) return;
    // The last one given back is the last one to go.
    this.#held.delete(cover);
    this.#held.set(cover, held);
    const idle = [...this.#held].filter(([, { users }]) => users === 0);
    for (const [other, old] of idle.slice(0, Math.max(0, idle.length - IDLE)))
      this.#drop(other, old);
  }

  #drop(cover: string, held: Held): void {
    if (this.#held.get(cover) === held) this.#held.delete(cover);
    void held.url.then(
      (url) => {
        if (url?.startsWith('blob:')) URL.revokeObjectURL(url);
      },
      () => undefined,
    );
  }
}
