/** What is kept on the device is sealed with AES-GCM under a key that WebCrypto does not hand out: erasing the key makes the rest unreadable. */

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
