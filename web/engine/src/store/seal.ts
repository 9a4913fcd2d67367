/** Sealing of records: AES-GCM under a key that WebCrypto will not hand out. */

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

const algorithm = { name: 'AES-GCM', length: 256 } as const;

/** The key stays in the browser's key storage: it can be used and deleted, not read. */
export function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
}

function bound(place: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(place);
}

/** Binds the text to its `place`, so that records cannot be swapped or moved. */
export async function seal(key: CryptoKey, place: string, text: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: algorithm.name, iv, additionalData: bound(place) },
    key,
    new TextEncoder().encode(text),
  );
  return { iv, sealed };
}

/** Rejects when a bit of the record, its place or its key is another one. */
export async function unseal(key: CryptoKey, place: string, record: Sealed): Promise<string> {
  const plain = await crypto.subtle.decrypt(
    { name: algorithm.name, iv: record.iv, additionalData: bound(place) },
    key,
    record.sealed,
  );
  return new TextDecoder().decode(plain);
}
