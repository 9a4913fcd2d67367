/** What is kept on the device is sealed with AES-GCM under a key that WebCrypto does not hand out: erasing the key makes the rest unreadable. */
import type { DBSchema, IDBPDatabase } from 'idb';

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

const ALGORITHM = { name: 'AES-GCM', length: 256 } as const;

export function makeKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['encrypt', 'decrypt']);
}

/** `place` is part of the seal: a record that was put elsewhere cannot be opened there. */
export async function seal(
  key: CryptoKey,
  place: string,
  plain: string | BufferSource,
): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = typeof plain === 'string' ? new TextEncoder().encode(plain) : plain;
  const additionalData = new TextEncoder().encode(place);
  const sealed = await crypto.subtle.encrypt(
    { name: ALGORITHM.name, iv, additionalData },
    key,
    bytes,
  );
  return { iv, sealed };
}

/** Rejects when the key, the place or the bytes are others. */
export function unseal(
  key: CryptoKey,
  place: string,
  { iv, sealed }: Sealed,
): Promise<ArrayBuffer> {
  const additionalData = new TextEncoder().encode(place);
  return crypto.subtle.decrypt({ name: ALGORITHM.name, iv, additionalData }, key, sealed);
}

/** Where a database keeps its key: under 'key' among its facts. */
export interface KeyPlace extends DBSchema {
  facts: { key: string; value: CryptoKey };
}

/** The key of a database, made with the first call. Two that open an empty one at once end up with one key. */
export async function keyIn(db: IDBPDatabase<KeyPlace>): Promise<CryptoKey> {
  const stored = await db.get('facts', 'key');
  if (stored) return stored;
  const made = await makeKey();
  const tx = db.transaction('facts', 'readwrite', { durability: 'strict' });
  const first = await tx.store.get('key');
  if (!first) await tx.store.put(made, 'key');
  await tx.done;
  return first ?? made;
}
