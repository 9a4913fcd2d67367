/** Writes Opus packets into an Ogg file (RFC 3533, RFC 7845): the length is exact to the sample, so that it plays without a gap. */

export interface OpusTrack {
  /** Each of 20 ms, 960 samples at 48 kHz. */
  readonly packets: readonly Uint8Array[];
  /** Samples of the piece itself. */
  readonly samples: number;
  /** Samples that the encoder is late by. */
  readonly preSkip: number;
  /** "TITLE" -> "Roads". */
  readonly tags: readonly (readonly [string, string])[];
  readonly serial: number;
}

const FRAME = 960;
/** Packets in a page: about a second. */
const PER_PAGE = 50;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
  return crc >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}

export function oggOpus({
  packets,
  samples,
  preSkip,
  tags,
  serial,
}: OpusTrack): Uint8Array<ArrayBuffer> {
  const pages: Uint8Array[] = [];
  const page = (content: readonly Uint8Array[], granule: number, flags: number): void => {
    const lacing = content.flatMap(({ length }) => [
      ...Array.from({ length: Math.floor(length / 255) }, () => 255),
      length % 255,
    ]);
    if (lacing.length > 255) throw new RangeError('An Ogg page has at most 255 segments.');
    const size = 27 + lacing.length + content.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('OggS'));
    bytes[5] = flags;
    view.setBigUint64(6, BigInt(granule), true);
    view.setUint32(14, serial, true);
    view.setUint32(18, pages.length, true);
    bytes[26] = lacing.length;
    bytes.set(lacing, 27);
    let at = 27 + lacing.length;
    for (const packet of content) {
      bytes.set(packet, at);
      at += packet.length;
    }
    view.setUint32(22, crcOf(bytes), true);
    pages.push(bytes);
  };

  page([head(preSkip)], 0, 2);
  const comment = comments(tags);
  if (comment.length > 60_000) throw new RangeError('The tags do not fit into one Ogg page.');
  page([comment], 0, 0);
  for (let from = 0; from < packets.length; from += PER_PAGE) {
    const part = packets.slice(from, from + PER_PAGE);
    const last = from + PER_PAGE >= packets.length;
    const granule = last ? preSkip + samples : (from + part.length) * FRAME;
    page(part, granule, last ? 4 : 0);
  }
  const out = new Uint8Array(pages.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of pages) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

function head(preSkip: number): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('OpusHead'));
  bytes[8] = 1;
  bytes[9] = 2;
  view.setUint16(10, preSkip, true);
  view.setUint32(12, 48_000, true);
  return bytes;
}

function comments(tags: OpusTrack['tags']): Uint8Array {
  const encoder = new TextEncoder();
  const texts = ['Ossicle', ...tags.map(([name, value]) => `${name}=${value}`)].map((text) =>
    encoder.encode(text),
  );
  const bytes = new Uint8Array(8 + 4 + texts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode('OpusTags'));
  let at = 8;
  texts.forEach((text, i) => {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
    if (i > 0) return;
    view.setUint32(at, tags.length, true);
    at += 4;
  });
  return bytes;
}
