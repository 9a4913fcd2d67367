/** Entries of the log whose text is two lines: what it is, and a line of JSON. */
import { readNote, verified, type Verifier } from './note.ts';

export const entryText = (kind: string, value: unknown): string =>
  `${kind}\n${JSON.stringify(value)}\n`;

/** The JSON of a text of this kind, as it was written. null: of another kind, or not the one way of writing it. */
export function entryValue(kind: string, text: string): Readonly<Record<string, unknown>> | null {
  const line = text.slice(kind.length + 1, -1);
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && entryText(kind, value) === text ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The text of a signed note, if each of `keys` has signed it. */
export async function signedText(
  source: string,
  keys: readonly Verifier[],
): Promise<string | null> {
  const note = readNote(source);
  if (note === null || keys.length === 0) return null;
  const found = await Promise.all(keys.map((key) => verified(note, key)));
  return found.every((one) => one !== null) ? note.text : null;
}

export const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
