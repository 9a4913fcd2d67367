/** Files with tags, made by the demo album's own writer, and a folder of them that behaves as the browser's. */
import { oggOpus } from '../../demo/ogg-opus.ts';

/** A second of silence: the shortest packet that says so, twenty milliseconds each. */
const SILENCE = Uint8Array.of(0xfc, 0xff, 0xfe);

export function opusFile(
  path: string,
  tags: Readonly<Record<string, string | readonly string[]>>,
  { seconds = 1, lastModified = 1_700_000_000_000 } = {},
): File {
  const bytes = oggOpus({
    packets: Array.from({ length: seconds * 50 + 1 }, () => SILENCE),
    samples: seconds * 48_000,
    preSkip: 312,
    tags: Object.entries(tags).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const),
    ),
    serial: 1,
  });
  return fileAt(path, bytes, lastModified);
}

export function fileAt(
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
  lastModified = 1_700_000_000_000,
): File {
  const file = new File([content], path.slice(path.lastIndexOf('/') + 1), { lastModified });
  Object.defineProperty(file, 'webkitRelativePath', { value: `Music/${path}` });
  return file;
}

/** A picture that no browser would show, but that has a type and bytes. */
export function picture(seed: number, size = 100): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed) & 255);
}

/** FLAC's picture block, as Ogg files carry it in base64. */
export function pictureTag(bytes: Uint8Array): string {
  const type = new TextEncoder().encode('image/png');
  const block = new Uint8Array(32 + type.length + bytes.length);
  const view = new DataView(block.buffer);
  view.setUint32(0, 3);
  view.setUint32(4, type.length);
  block.set(type, 8);
  view.setUint32(28 + type.length, bytes.length);
  block.set(bytes, 32 + type.length);
  return Buffer.from(block).toString('base64');
}
