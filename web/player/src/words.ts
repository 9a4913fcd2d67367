/** Every word of the page, in English. Another language is another file of this shape. */
import type { ImportProblemKind, Reason } from 'ossicle';
import type { Outcome } from './session.ts';
import type { Problem } from './problem.ts';

const LOCALE = 'en-GB';
const number = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const month = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric' });
const list = new Intl.ListFormat(LOCALE, { type: 'conjunction' });

function count(n: number, one: string, many: string): string {
  return `${number.format(n)} ${n === 1 ? one : many}`;
}

function listens(n: number): string {
  return count(n, 'listen', 'listens');
}

export function bytes(n: number): string {
  if (n < 1000) return count(n, 'byte', 'bytes');
  if (n < 999_500) return `${number.format(Math.round(n / 1000))} kB`;
  return `${number.format(Math.round(n / 1e5) / 10)} MB`;
}

function share(part: number): string {
  return Math.abs(part) < 0.1 ? finePercent.format(part) : percent.format(part);
}

/** "Radiohead 212 times" */
function played({ artist, plays, loved }: Reason): string {
  if (plays === 0) return loved ? `${artist.name}, which you love` : artist.name;
  if (plays === 1) return `${artist.name} once`;
  return `${artist.name} ${plays === 2 ? 'twice' : `${number.format(plays)} times`}`;
}

function lastPlayed({ lastPlayedAt }: Reason): string {
  return lastPlayedAt ? `, last in ${month.format(lastPlayedAt)}` : '';
}

/** "Because you played Radiohead 212 times, last in March 2024, and Portishead 80 times." */
function because(reasons: readonly Reason[]): string {
  const speaking = reasons.filter(({ contribution }) => contribution > 0);
  const heard = speaking.filter(({ plays }) => plays > 0);
  const onlyLoved = speaking.filter(({ plays, loved }) => plays === 0 && loved);
  const [first, ...rest] = heard;
  const clauses: string[] = [];
  if (first) {
    const dated = `${played(first)}${lastPlayed(first)}`;
    const comma = rest.length === 1 && lastPlayed(first) !== '' ? ',' : '';
    const tail = rest.length === 0 ? '' : rest.length === 1 ? `${comma} and ${played(rest[0]!)}` : `, ${list.format(rest.map(played))}`;
    clauses.push(`you played ${dated}${tail}`);
  }
  if (onlyLoved.length > 0) {
    clauses.push(`you love ${list.format(onlyLoved.map(({ artist }) => artist.name))}`);
  }
  if (clauses.length === 0) return 'Close to your taste as a whole, not to one artist.';
  return `Because ${clauses.join(', and ')}.`;
}
