export interface Period {
  readonly from: Date;
  /** Not in it any more. */
  readonly to: Date;
}

const MOST = 24;
/** Months that one period may have. */
const WIDTHS = [1, 3, 6, 12, 24, 60];

/** Whole months around both dates, in as few periods as MOST, none left out. */
export function periodsBetween(first: Date, last: Date): readonly Period[] {
  const monthOf = (date: Date): number => date.getFullYear() * 12 + date.getMonth();
  const [begin, end] = [monthOf(first), monthOf(last)];
  const width = WIDTHS.find((n) => Math.floor(end / n) - Math.floor(begin / n) < MOST) ?? 120;
  const count = Math.floor(end / width) - Math.floor(begin / width) + 1;
  const start = Math.floor(begin / width) * width;
  const dateOf = (month: number): Date => new Date(Math.floor(month / 12), month % 12, 1);
  return Array.from({ length: count }, (_, i) => ({
    from: dateOf(start + i * width),
    to: dateOf(start + (i + 1) * width),
  }));
}
