/** Publishing a snapshot, in three steps that may be on three machines: prepare it, let each publisher sign it, append it. */
import { readdir, rm } from 'node:fs/promises';
import {
  readNote,
  sign,
  utf8,
  verified,
  verifierText,
  writeNote,
  type Note,
  type Signer,
  type Verifier,
} from '@ossicle/wire/log';
import {
  blobPath,
  entryText,
  hashOf,
  makeManifest,
  publishersOf,
  readManifest,
  readSnapshotEntry,
  SNAPSHOT_KIND,
  type Manifest,
  type SnapshotEntry,
} from '@ossicle/wire/snapshot';
import { readBundle } from './bundle.ts';
import { locked } from './database.ts';
import { InputError } from './errors.ts';
import { LEARNT_KIND, readLearnt } from './learn/learnt-entry.ts';
import { checkSums } from './learn/log-contents.ts';
import { readBytes, readText, writeFiles } from './log/files.ts';
import type { DataFolder } from './folder.ts';
import type { Published } from './log/log.ts';
import type { OpenLog } from './open.ts';
import { rolesIn } from './roles.ts';

export interface Newest {
  readonly entry: SnapshotEntry;
  readonly manifest: Manifest;
}

/** null: nothing was published yet. Errors: InputError (its manifest is gone or altered). */
export async function newestSnapshot({ folder, log }: OpenLog): Promise<Newest | null> {
  const source = log.entries.ofKind(SNAPSHOT_KIND).at(-1);
  const entry = source === undefined ? null : (readSnapshotEntry(utf8(source))?.entry ?? null);
  if (!entry) return null;
  const path = folder.file(blobPath(entry.manifest));
  const bytes = await readBytes(path).catch(() => null);
  const manifest = bytes && (await hashOf(bytes)) === entry.manifest ? readManifest(bytes) : '';
  if (typeof manifest === 'string') {
    const what = `${path}, the manifest of epoch ${entry.epoch}, is missing or altered.`;
    throw new InputError(`${what} Restore public/blob from a copy.`);
  }
  return { entry, manifest };
}

export type Prepared =
  | { readonly kind: 'unchanged'; readonly entry: SnapshotEntry }
  | {
      readonly kind: 'prepared';
      /** What the publishers sign. */
      readonly text: string;
      readonly entry: SnapshotEntry;
      readonly newBlobs: number;
      readonly newBytes: number;
    };

const filesText = ({ files }: Manifest): string =>
  JSON.stringify(files.map(({ path, bytes, sha256 }) => [path, bytes, sha256]).toSorted());

/** Where the draft waits that says how the snapshot of a draft was learnt; it is signed and appended with it. */
export const learntDraftOf = (draft: string): string => draft.replace(/(\.note)?$/, '.learnt.note');

/** A text that nobody has signed yet. */
export function writeDraft(scratch: string, path: string, text: string): Promise<void> {
  return writeFiles(scratch, [[path, writeNote({ text, signatures: [] })]]);
}

/** `learnt`: the text of what it was learnt from, or null. Killed in between, it leaves two files that do not fit, which finish() refuses. */
export async function writeDrafts(
  { draft, draftScratch }: DataFolder,
  text: string,
  learnt: string | null,
): Promise<void> {
  const beside = learntDraftOf(draft);
  if (learnt !== null) await writeDraft(draftScratch, beside, learnt);
  await writeDraft(draftScratch, draft, text);
  // What the draft before was learnt from has nothing to do with this one.
  if (learnt === null) await rm(beside, { force: true });
}

/** Writes the blobs of the bundle and a draft of the entry. Errors: of prepareBlobs(). */
export async function prepare(opened: OpenLog, bundle: string, now: Date): Promise<Prepared> {
  const prepared = await prepareBlobs(opened, bundle, now);
  if (prepared.kind === 'prepared') await writeDrafts(opened.folder, prepared.text, null);
  return prepared;
}

/** Writes the blobs of the bundle, and no draft yet. Errors: InputError: not a bundle. */
export async function prepareBlobs(opened: OpenLog, bundle: string, now: Date): Promise<Prepared> {
  const { folder } = opened;
  const { files } = await readBundle(bundle);
  const newest = await newestSnapshot(opened);
  const epoch = (newest?.entry.epoch ?? 0) + 1;
  const made = await makeManifest(epoch, newest?.entry.manifest ?? null, files).catch(
    (cause: unknown) => {
      throw new InputError(cause instanceof Error ? cause.message : String(cause), { cause });
    },
  );
  const manifest = readManifest(made.bytes);
  if (
    newest &&
    typeof manifest !== 'string' &&
    filesText(manifest) === filesText(newest.manifest)
  ) {
    return { kind: 'unchanged', entry: newest.entry };
  }
  const there = new Set(await readdir(folder.file('blob')).catch(() => []));
  const fresh = [...made.blobs].filter(([hash]) => !there.has(hash));
  const named = fresh.map(([hash, bytes]) => [folder.file(blobPath(hash)), bytes] as const);
  await writeFiles(folder.draftScratch, named);
  const entry: SnapshotEntry = {
    epoch,
    manifest: made.hash,
    bytes: made.bytes.length,
    at: now.toISOString(),
  };
  const text = entryText(entry);
  const newBytes = fresh.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  return { kind: 'prepared', text, entry, newBlobs: fresh.length, newBytes };
}

/** null: there is none. Errors: InputError (of another kind). */
async function readDraftOf(kind: string, path: string): Promise<Note | null> {
  const source = await readText(path);
  if (source === null) return null;
  // Before the first signature it is no note yet.
  const note = source.endsWith('\n\n')
    ? { text: source.slice(0, -1), signatures: [] }
    : readNote(source);
  const [first, line = '{}'] = note?.text.split('\n') ?? [];
  if (!note || first !== kind || note.text !== `${kind}\n${line}\n`) {
    throw new InputError(`${path} is no draft of a snapshot. Make one: publish --prepare BUNDLE`);
  }
  return note;
}

/** Errors: InputError (there is none, or it is no snapshot's). */
export async function readDraft(path: string): Promise<Note> {
  const note = await readDraftOf(SNAPSHOT_KIND, path);
  if (note) return note;
  throw new InputError(`There is no draft ${path}. Make one: publish --prepare BUNDLE`);
}

async function addSignature(
  path: string,
  scratch: string,
  { text, signatures }: Note,
  publisher: Signer,
): Promise<Note> {
  const own = await sign(text, publisher, 0);
  const others = signatures.filter(({ name }) => name !== own.name);
  const note = { text, signatures: [...others, own] };
  await writeFiles(scratch, [[path, writeNote(note)]]);
  return note;
}

/**
 * Adds a publisher's signature to the draft, and to what it was learnt from where that lies beside it; a second one of the same key takes the place of the
 * first. The text is that of both.
 */
export async function signDraft(path: string, scratch: string, publisher: Signer): Promise<Note> {
  const draft = await readDraft(path);
  const beside = learntDraftOf(path);
  const learnt = await readDraftOf(LEARNT_KIND, beside);
  const signed = learnt && (await addSignature(beside, scratch, learnt, publisher));
  const { text, signatures } = await addSignature(path, scratch, draft, publisher);
  return { text: `${text}${signed?.text ?? ''}`, signatures };
}

/** Publishers of the policy whose role was not revoked. */
async function publishersNow({ keys, log }: OpenLog): Promise<readonly Verifier[]> {
  const granted = (await rolesIn(log.entries, keys.admin)).get('publisher');
  return keys.publishers.filter((one) => granted?.has(verifierText(one)));
}

/** Errors: InputError (too few publishers have signed it). */
async function checkSigned(opened: OpenLog, note: Note, path: string): Promise<void> {
  const publishers = await publishersNow(opened);
  const signed = await publishersOf(note, publishers);
  const { publisherQuorum } = opened.config.policy;
  if (signed >= publisherQuorum) return;
  const found = await Promise.all(publishers.map((one) => verified(note, one)));
  const missing = publishers.filter((_, i) => !found[i]).map(({ name }) => name);
  const what = `${signed} of ${publisherQuorum} publishers have signed the draft`;
  const who = missing.join(', ') || 'nobody with that role is left to sign';
  throw new InputError(
    `${what}; missing: ${who}. Sign it: publish --sign KEY_FILE --draft ${path}`,
  );
}

async function append(opened: OpenLog): Promise<Published & { entry: SnapshotEntry }> {
  const { folder, log } = opened;
  const note = await readDraft(folder.draft);
  await checkSigned(opened, note, folder.draft);
  const beside = learntDraftOf(folder.draft);
  const learnt = await readDraftOf(LEARNT_KIND, beside);
  if (learnt) await checkSigned(opened, learnt, folder.draft);
  const source = writeNote(note);
  const entry = readSnapshotEntry(utf8(source))?.entry;
  const newest = await newestSnapshot(opened);
  const expected = (newest?.entry.epoch ?? 0) + 1;
  if (entry?.epoch !== expected) {
    const what = `The draft is of epoch ${entry?.epoch ?? 'none'}, and ${expected} comes next.`;
    throw new InputError(`${what} Prepare it anew: publish --prepare BUNDLE`);
  }
  const from = learnt && (readLearnt(writeNote(learnt))?.learnt ?? null);
  if (learnt && from?.manifest !== entry.manifest) {
    throw new InputError(
      `${beside} says how another snapshot was learnt. Prepare both anew: learn`,
    );
  }
  await checkBlobs(folder, entry);
  if (from) await checkSums(opened, from);
  // Both or none: readers find with a snapshot what it was learnt from.
  const published = await log.append(learnt ? [writeNote(learnt), source] : [source]);
  await rm(beside, { force: true });
  await rm(folder.draft);
  return { ...published, entry };
}

/** Appends the signed draft. Errors: InputError: too few publishers signed; not what follows the newest snapshot. */
export function finish(opened: OpenLog): Promise<Published & { entry: SnapshotEntry }> {
  // Two at once would append an epoch twice.
  return locked(opened.folder.draftLock, () => append(opened));
}

/** A snapshot of which something is missing would stop every client. */
async function checkBlobs(folder: DataFolder, entry: SnapshotEntry): Promise<void> {
  const blob = async (hash: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await readBytes(folder.file(blobPath(hash))).catch(() => null);
    if (bytes && (await hashOf(bytes)) === hash) return bytes;
    const what = `Blob ${hash} of the draft is missing or altered.`;
    throw new InputError(`${what} Prepare it anew: publish --prepare BUNDLE`);
  };
  const manifest = readManifest(await blob(entry.manifest));
  if (typeof manifest === 'string') throw new InputError(`The draft’s manifest: ${manifest}`);
  for (const { pieces } of manifest.files) for (const { sha256 } of pieces) await blob(sha256);
}
