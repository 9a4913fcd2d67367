/** What a snapshot of the catalogue is made of. It is read after its hash was found right, and still strictly: who may publish may err. */
import { sha256, toHex, utf8, type Bytes } from '../log/bytes.ts';
import { isHash, isWhole } from '../log/signed.ts';
import { cut } from './cut.ts';

export interface Piece {
  readonly bytes: number;
  /** Its name, too: 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface SnapshotFile extends Piece {
  /** Of a catalogue bundle: "bundle.json", "catalogue-0.safetensors". */
  readonly path: string;
  readonly pieces: readonly Piece[];
}

export interface Manifest {
  /** Grows with every snapshot of a log. */
  readonly epoch: number;
  /** Hash of the manifest before; null: the first. */
  readonly previous: string | null;
  readonly files: readonly SnapshotFile[];
}

const FORMAT = 'ossicle-snapshot';
const VERSION = 1;
export const MOST_MANIFEST_BYTES = 1_048_576;
const MOST_FILE_BYTES = 64 * 1_048_576;
const MOST_BYTES = 256 * 1_048_576;
const MOST_FILES = 256;
const MOST_PIECES = 4096;
const MOST_PIECE_BYTES = 1_048_576;
const PATH = /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+$/;

export const blobPath = (hash: string): string => `blob/${hash}`;

export async function hashOf(bytes: Bytes): Promise<string> {
  return toHex(await sha256(bytes));
}

/** The manifest of these files, and every blob that a server has to have for it by its hash, the manifest's own included. */
export async function makeManifest(
  epoch: number,
  previous: string | null,
  files: ReadonlyMap<string, Bytes>,
): Promise<{ hash: string; bytes: Bytes; blobs: ReadonlyMap<string, Bytes> }> {
  const blobs = new Map<string, Bytes>();
  const listed: SnapshotFile[] = [];
  for (const [path, bytes] of files) {
    const pieces: Piece[] = [];
    for (const piece of cut(path, bytes)) {
      const hash = await hashOf(piece);
      blobs.set(hash, piece);
      pieces.push({ bytes: piece.length, sha256: hash });
    }
    listed.push({ path, bytes: bytes.length, sha256: await hashOf(bytes), pieces });
  }
  const manifest = { format: FORMAT, version: VERSION, epoch, previous, files: listed };
  const bytes = utf8(`${JSON.stringify(manifest)}\n`);
  const read = readManifest(bytes);
  if (typeof read === 'string') throw new Error(`These files cannot be published: ${read}`);
  const hash = await hashOf(bytes);
  blobs.set(hash, bytes);
  return { hash, bytes, blobs };
}

type Unknown = Readonly<Record<string, unknown>>;

const isObject = (found: unknown): found is Unknown =>
  typeof found === 'object' && found !== null && !Array.isArray(found);
const isSize = (found: unknown, most: number): found is number => isWhole(found, 0, most);

function readPiece(found: unknown): Piece | null {
  if (!isObject(found)) return null;
  const { bytes, sha256: hash } = found;
  if (!isSize(bytes, MOST_PIECE_BYTES) || bytes === 0 || !isHash(hash)) return null;
  return { bytes, sha256: hash };
}

function readFile(found: unknown): SnapshotFile | string {
  if (!isObject(found)) return 'An entry of its files is none.';
  const { path, bytes, sha256: hash, pieces } = found;
  if (typeof path !== 'string' || path.length > 100 || !PATH.test(path)) {
    return `A file cannot be called ${String(path).slice(0, 120)}.`;
  }
  if (!isSize(bytes, MOST_FILE_BYTES) || !isHash(hash) || !Array.isArray(pieces)) {
    return `${path} has no size, or more than ${MOST_FILE_BYTES} bytes, no hash, or no pieces.`;
  }
  const read = pieces.map(readPiece);
  const known = read.filter((piece) => piece !== null);
  if (known.length < read.length) return `A piece of ${path} is none.`;
  const sum = known.reduce((all, piece) => all + piece.bytes, 0);
  if (sum !== bytes) return `The pieces of ${path} have ${sum} bytes in all, not ${bytes}.`;
  return { path, bytes, sha256: hash, pieces: known };
}

/** What `bytes` say, or what is wrong with them. */
export function readManifest(bytes: Bytes): Manifest | string {
  if (bytes.length > MOST_MANIFEST_BYTES) return `It has ${bytes.length} bytes.`;
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'It is no JSON in UTF-8.';
  }
  if (!isObject(found) || found['format'] !== FORMAT) return `It is no ${FORMAT}.`;
  if (found['version'] !== VERSION) return 'A newer Ossicle wrote it. Update this one.';
  const { epoch, previous, files } = found;
  if (!isSize(epoch, Number.MAX_SAFE_INTEGER) || epoch === 0) return 'It has no epoch.';
  if (previous !== null && !isHash(previous)) return 'What came before it is no hash.';
  if (!Array.isArray(files) || files.length === 0 || files.length > MOST_FILES) {
    return `It has no files, or more than ${MOST_FILES}.`;
  }
  const read = files.map(readFile);
  const wrong = read.find((file) => typeof file === 'string');
  if (wrong !== undefined) return wrong;
  const known = read.filter((file) => typeof file !== 'string');
  if (new Set(known.map(({ path }) => path)).size < known.length) return 'It has a file twice.';
  if (!known.some(({ path }) => path === 'bundle.json')) return 'It has no bundle.json.';
  const total = known.reduce((all, file) => all + file.bytes, 0);
  const pieces = known.reduce((all, file) => all + file.pieces.length, 0);
  if (total > MOST_BYTES || pieces > MOST_PIECES) {
    return `It has ${total} bytes in ${pieces} pieces, more than ${MOST_BYTES} or ${MOST_PIECES}.`;
  }
  return { epoch, previous, files: known };
}
