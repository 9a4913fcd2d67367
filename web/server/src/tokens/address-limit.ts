/** How many tokens an address has had in a round, in memory only, and so that nobody can read an address out of it. */
import { createHmac, randomBytes } from 'node:crypto';

/** The part of an address that a person does not change at will: of IPv4 all of it, of IPv6 the first 64 bits. */
export function prefixOf(address: string): string {
  const [plain = ''] = address.split('%');
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/iu.exec(plain)?.[1];
  if (v4 !== undefined) return v4;
  const [left = '', right = ''] = plain.replace(/\d+\.\d+\.\d+\.\d+$/u, '0:0').split('::');
  const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groupsOf(left), groupsOf(right)];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return groups.map((group) => parseInt(group, 16).toString(16)).join(':');
}

interface Counted {
  readonly closes: number;
  /** Dies with the round. */
  readonly key: Buffer;
  /** By the keyed hash of an address: digests of what was signed for it. */
  readonly requests: Map<string, Set<string>>;
}

/** A program that starts again has forgotten what it counted. */
export class AddressLimit {
  readonly #most: number;
  readonly #rounds = new Map<string, Counted>();

  /** `most`: tokens for one address in a round. */
  constructor(most: number) {
    this.#most = most;
  }

  #forget(now: number): void {
    for (const [round, { closes }] of this.#rounds) if (closes <= now) this.#rounds.delete(round);
  }

  /** Whether the address may have this one. The very same request again is no other one. `closes`, `now`: in milliseconds since 1970. */
  take(round: string, closes: number, address: string, request: string, now: number): boolean {
    this.#forget(now);
    const counted = this.#rounds.get(round) ?? {
      closes,
      key: randomBytes(32),
      requests: new Map<string, Set<string>>(),
    };
    this.#rounds.set(round, counted);
    const hash = createHmac('sha256', counted.key).update(prefixOf(address)).digest('base64');
    const requests = counted.requests.get(hash) ?? new Set();
    if (requests.has(request)) return true;
    if (requests.size >= this.#most) return false;
    counted.requests.set(hash, requests.add(request));
    return true;
  }
}
