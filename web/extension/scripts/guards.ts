/** What must never be in a package for the stores. Each guard names what it found; an empty list is good. */
import { Script } from 'node:vm';

export interface PackedFile {
  /** With forward slashes, inside the extension. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Of the zip, and of what it holds. */
export const MOST_BYTES = 15_000_000;

const IN_SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w$.])eval\s*\(/, 'eval()'],
  [/(?<![\w$.])Function\s*\(/, 'Function()'],
  [/\.(?:inner|outer)HTML\s*=[^=]|\.insertAdjacentHTML\s*\(/, 'markup made of text'],
  [/(?<![\w$.])importScripts\s*\(/, 'importScripts()'],
  [/(?<![\w$.])import\s*\(\s*[`'"](?:https?:)?\/\//, 'a script of another host'],
];

const IN_PAGES: readonly (readonly [RegExp, string])[] = [
  [/<script\b(?![^>]*\ssrc=)/i, 'a script inside the page'],
  [/\s(?:src|href)\s*=\s*["']?\s*(?:https?:)?\/\//i, 'something of another host'],
  [/\son\w+\s*=/i, 'a handler inside the page'],
  [/\sstyle\s*=|<style\b/i, 'a style inside the page'],
];

/** Code from elsewhere, or made at run time. */
export function foreignCode(files: readonly PackedFile[]): readonly string[] {
  return files.flatMap(({ path, bytes }) => {
    const rules = /\.m?js$/.test(path) ? IN_SCRIPTS : path.endsWith('.html') ? IN_PAGES : [];
    if (rules.length === 0) return [];
    const text = Buffer.from(bytes).toString('utf8');
    return rules.flatMap(([pattern, what]) => {
      const at = text.search(pattern);
      if (at < 0) return [];
      return [`${path} has ${what}: …${text.slice(Math.max(at - 40, 0), at + 60)}…`];
    });
  });
}

/** What the browser runs as a classic script must be whole: it can import nothing. */
export function notWhole({ path, bytes }: PackedFile): readonly string[] {
  const text = Buffer.from(bytes).toString('utf8');
  if (/(?<![\w$.])import\s*\(/.test(text)) return [`${path} imports something at run time`];
  try {
    new Script(text, { filename: path });
    return [];
  } catch (error) {
    return [`${path} is no classic script: ${String(error)}`];
  }
}

export function tooLarge(what: string, bytes: number): readonly string[] {
  if (bytes <= MOST_BYTES) return [];
  return [`${what} is ${bytes} bytes, more than ${MOST_BYTES}`];
}
