/** Pages have at most 65,307 bytes, so the last one lies whole in this much of the end. */
const TAIL = 2 * 65_307;

/**
 * Length of an Ogg file (Opus, Vorbis) by the position that its last page tells: music-metadata gives none without reading the whole file. null: it has
 * no such page.
 */
export async function oggDurationMs(file: Blob, sampleRate: number): Promise<number | null> {
  const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  if (!startsWith(head, 0, 'OggS')) return null;
  const tail = new Uint8Array(await file.slice(-TAIL).arrayBuffer());
  let at = tail.length - 27;
  while (at >= 0 && !startsWith(tail, at, 'OggS')) --at;
  if (at < 0) return null;
  const position = new DataView(tail.buffer).getBigInt64(at + 6, true);
  if (position <= 0n) return null;
  // Opus counts at 48 kHz, with samples at the beginning that are not heard (RFC 7845).
  const opus = startsWith(head, 28, 'OpusHead');
  const preSkip = opus ? new DataView(head.buffer).getUint16(38, true) : 0;
  const ms = ((Number(position) - preSkip) / (opus ? 48_000 : sampleRate)) * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null;
}

function startsWith(bytes: Uint8Array, at: number, letters: string): boolean {
  for (let i = 0; i < letters.length; ++i)
    if (bytes[at + i] !== letters.charCodeAt(i)) return false;
  return true;
}
