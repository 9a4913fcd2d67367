/**
 * SHA-256 by the platform, which is several times as fast as the core's and works beside it; null where there is none, as in a
 * page without a secure context. The core compares it with what bundle.json says, and computes it itself when it is not given.
 */
export async function digestOf(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { crypto } = globalThis as { readonly crypto?: Partial<Crypto> };
  try {
    return crypto?.subtle ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : null;
  } catch {
    return null;
  }
}
