/** An update beside a core, with all that reads and verifies a log. Loaded with the first one: opening what is stored needs none of it. */
import type { Bytes } from '@ossicle/wire/log';
import type { SnapshotProgress } from '@ossicle/wire/snapshot';
import type { AssetSource } from '../assets.ts';
import { fileOf } from '../choose.ts';
import { checkSnapshot, openCatalogue } from '../core-sync.ts';
import { Core } from '../core.ts';
import { messageOf, OssicleError } from '../errors.ts';
import { load } from '../loader.ts';
import type { Variant } from '../protocol.ts';
import { serverFiles } from './send.ts';
import type { SnapshotRecord, SnapshotStore } from './store.ts';
import { updateSnapshot, type Updated } from './update.ts';

type Files = ReadonlyMap<string, Bytes>;

const FOLDER = 'catalogue';
const BUNDLE = 'bundle.json';
const STAYS = 'What is in use stays.';

export interface UpdateOptions {
  readonly store: SnapshotStore;
  readonly assets: AssetSource;
  /** The assets with the catalogue that would be opened now. */
  readonly inUse: (record: SnapshotRecord | null) => AssetSource;
  readonly server: string;
  readonly policy: string | undefined;
  /** The build of the core that checks. */
  readonly variant: Variant;
  readonly signal: AbortSignal | undefined;
}

async function catalogueOf(assets: AssetSource): Promise<Files> {
  const json = await assets.read(`${FOLDER}/${BUNDLE}`);
  const { files } = JSON.parse(new TextDecoder().decode(json)) as { files: { path: string }[] };
  const all = new Map([[BUNDLE, json]]);
  for (const { path } of files) all.set(path, await assets.read(`${FOLDER}/${path}`));
  return all;
}

/** In a module of its own, whose memory goes with it. */
async function check(now: Files, next: Files, file: string, assets: AssetSource): Promise<void> {
  const core = new Core(await load(await assets.read(file), file));
  openCatalogue(core, now, STAYS);
  try {
    checkSnapshot(core, next.get(BUNDLE) ?? new Uint8Array(), next);
  } catch (cause) {
    const what = `The core refuses the snapshot. ${messageOf(cause)}`;
    const at = cause instanceof OssicleError ? cause.code : 'trapped';
    throw new OssicleError('snapshot_refused', what, at, { cause });
  }
}

/** Errors: those of updateSnapshot(). */
export function update(options: UpdateOptions): Promise<Updated> {
  const { store, assets, inUse, server, policy, variant, signal } = options;
  const host = {
    store,
    read: serverFiles(new URL(server), signal),
    inUse: (record: SnapshotRecord | null) => catalogueOf(inUse(record)),
    check: (now: Files, next: Files) => check(now, next, fileOf(variant), assets),
    onProgress: (progress: SnapshotProgress) => store.tell?.(progress),
  };
  return updateSnapshot(host, server, policy, new Date(), signal);
}
