/** What a log says of itself at a moment: how long it is, and the root of its tree. https://c2sp.org/tlog-checkpoint */
import { fromBase64, toBase64, type Bytes } from './bytes.ts';
import { HASH_BYTES } from './merkle.ts';

export interface Checkpoint {
  /** The name of the log. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  readonly root: Bytes;
}

/** The text of a note. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** null: not a checkpoint. Lines after the third are extensions, and passed over. */
export function readCheckpoint(text: string): Checkpoint | null {
  const [origin = '', digits = '', base64 = ''] = text.split('\n');
  const root = fromBase64(base64);
  const size = Number(digits);
  if (origin === '' || root?.length !== HASH_BYTES || !text.endsWith('\n')) return null;
  if (!/^(?:0|[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(size)) return null;
  return { origin, size, root };
}
