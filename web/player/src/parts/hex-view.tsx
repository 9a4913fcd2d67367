import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useSyncExternalStore, type ReactNode } from 'react';

/** Bytes that stand together in a longer run. */
export interface HexPart {
  /** Above them; left out: nothing. */
  readonly title?: string;
  /** Offset of the first in the whole. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

const LINE_PX = 22;
const NARROW = 8;
const WIDE = 16;
const wide = matchMedia('(min-width: 36rem)');

function useIsWide(): boolean {
  return useSyncExternalStore(
    (told) => {
      wide.addEventListener('change', told);
      return () => wide.removeEventListener('change', told);
    },
    () => wide.matches,
  );
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** Line `index` of all parts: a title, or an offset and its bytes. */
function lineAt(parts: readonly HexPart[], perLine: number, index: number): ReactNode {
  let left = index;
  for (const { title, at, bytes } of parts) {
    const titles = title === undefined ? 0 : 1;
    const lines = titles + Math.ceil(bytes.length / perLine);
    if (left >= lines) {
      left -= lines;
      continue;
    }
    if (left < titles) return <b>{title}</b>;
    const from = (left - titles) * perLine;
    const shown = [...bytes.subarray(from, from + perLine)].map((byte) => hex(byte, 2));
    return `${hex(at + from, 6)}  ${shown.join(' ')}`;
  }
  return null;
}

function linesOf(parts: readonly HexPart[], perLine: number): number {
  return parts.reduce(
    (sum, { title, bytes }) =>
      sum + (title === undefined ? 0 : 1) + Math.ceil(bytes.length / perLine),
    0,
  );
}

/** Bytes in hexadecimal, as many as there are; only what is seen of them is drawn. */
export function HexView({
  label,
  parts,
}: {
  readonly label: string;
  readonly parts: readonly HexPart[];
}): ReactNode {
  const perLine = useIsWide() ? WIDE : NARROW;
  const scroll = useRef<HTMLDivElement>(null);
  // What it returns changes without being another object, which the compiler of React must know.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: linesOf(parts, perLine),
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PX,
    overscan: 12,
  });
  return (
    <div ref={scroll} className="hex" role="region" aria-label={label} tabIndex={0} dir="ltr">
      <div style={{ blockSize: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start, key }) => (
          <pre key={key} style={{ transform: `translateY(${start}px)` }}>
            {lineAt(parts, perLine, index)}
          </pre>
        ))}
      </div>
    </div>
  );
}
