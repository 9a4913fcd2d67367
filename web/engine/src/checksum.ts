const encoder = new TextEncoder();

/** A hash of 53 bits, for telling texts apart that nobody made to be taken for each other (cyrb53, public domain). */
export function checksum(bytes: Uint8Array | string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (const byte of typeof bytes === 'string' ? encoder.encode(bytes) : bytes) {
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
