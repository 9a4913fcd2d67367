/** What a log and a witness tell each other: https://c2sp.org/tlog-witness */
import { fromBase64, toBase64, type Bytes } from './bytes.ts';
import { HASH_BYTES } from './merkle.ts';
import { readNote, type Note, type Signature } from './note.ts';

const MOST_HASHES = 63;

/** What a log asks a witness: to sign `note`, a checkpoint, which goes on where the one of `old` entries ended. */
export interface AddCheckpoint {
  readonly old: number;
  readonly proof: readonly Bytes[];
  /** A signed note. */
  readonly source: string;
}

export function writeAddCheckpoint({ old, proof, source }: AddCheckpoint): string {
  return `old ${old}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${source}`;
}

/** null: not such a request. */
export function readAddCheckpoint(text: string): (AddCheckpoint & { note: Note }) | null {
  const middle = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(0, middle)).split('\n');
  const digits = /^old (0|[1-9]\d*)$/.exec(first)?.[1];
  const source = text.slice(middle + 2);
  const note = readNote(source);
  if (digits === undefined || note === null || lines.length > MOST_HASHES) return null;
  const old = Number(digits);
  const proof = lines.flatMap((line) => fromBase64(line) ?? []);
  const isProof = proof.length === lines.length && proof.every((h) => h.length === HASH_BYTES);
  return isProof && Number.isSafeInteger(old) ? { old, proof, source, note } : null;
}

/** The signature lines of a witness's answer. null: it is none. */
export function readCosignatures(text: string): readonly Signature[] | null {
  return readNote(`cosignatures\n\n${text}`)?.signatures ?? null;
}

/** The signature lines of a note, alone. */
export function signatureLines(source: string): string {
  return source.slice(source.lastIndexOf('\n\n') + 2);
}
