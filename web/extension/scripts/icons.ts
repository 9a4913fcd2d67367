/** The player's icon as PNG: Chromium takes nothing else. Draws rounded rectangles and round-ended lines, which is all there is in it. */
import { crc32, deflateSync } from 'node:zlib';

interface Mark {
  readonly side: number;
  readonly corner: number;
  readonly ground: readonly number[];
  readonly ink: readonly number[];
  readonly pen: number;
  /** Vertical strokes: x, y, length. */
  readonly strokes: readonly (readonly [number, number, number])[];
}

function colourOf(hex: string): readonly number[] {
  const digits = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
  return (digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

function readMark(svg: string): Mark {
  const part = (pattern: RegExp): string => {
    const found = pattern.exec(svg)?.[1];
    if (found === undefined) throw new Error(`icon.svg has changed: ${pattern.source} is missing`);
    return found;
  };
  const path = part(/<path d="((?:M[\d.]+ [\d.]+v[\d.]+)+)"/);
  return {
    side: Number(part(/viewBox="0 0 (\d+) \d+"/)),
    corner: Number(part(/rx="([\d.]+)"/)),
    ground: colourOf(part(/fill="#(\w+)"/)),
    ink: colourOf(part(/stroke="#(\w+)"/)),
    pen: Number(part(/stroke-width="([\d.]+)"/)),
    strokes: [...path.matchAll(/M([\d.]+) ([\d.]+)v([\d.]+)/g)].map(
      ([, x, y, length]) => [Number(x), Number(y), Number(length)] as const,
    ),
  };
}

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** Red, green, blue and alpha at a point of the mark; edges are as soft as a pixel is wide. */
function pixel(mark: Mark, x: number, y: number, width: number): readonly number[] {
  const cover = (distance: number): number => clamp(0.5 - distance / width, 0, 1);
  const half = mark.side / 2;
  const [dx, dy] = [x, y].map((at) => Math.abs(at - half) - half + mark.corner);
  const outside = Math.hypot(Math.max(dx ?? 0, 0), Math.max(dy ?? 0, 0)) - mark.corner;
  const pen = mark.strokes.map(([sx, sy, length]) =>
    cover(Math.hypot(x - sx, y - clamp(y, sy, sy + length)) - mark.pen / 2),
  );
  const share = Math.max(...pen);
  const colour = mark.ground.map((g, i) => Math.round(g + ((mark.ink[i] ?? g) - g) * share));
  return [...colour, Math.round(255 * cover(outside))];
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A square PNG, `size` pixels wide. */
export function iconOf(svg: string, size: number): Buffer {
  const mark = readMark(svg);
  const step = mark.side / size;
  const centres = Array.from({ length: size }, (_, i) => (i + 0.5) * step);
  const rows = centres.map((y) => [0, ...centres.flatMap((x) => pixel(mark, x, y, step))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // 8 bits for each of red, green, blue and alpha.
  header.set([8, 6], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
