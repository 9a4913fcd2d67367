/** Snapshots beside a core: what is stored of them, and the catalogue that is opened. */
import type { SnapshotProgress } from '@ossicle/wire/snapshot';
import type { AssetSource } from '../assets.ts';
import { fileOf } from '../choose.ts';
import { checkSnapshot } from '../core-sync.ts';
import { Core } from '../core.ts';
import { messageOf, OssicleError } from '../errors.ts';
import { load } from '../loader.ts';
import type { Variant } from '../protocol.ts';
import type { SnapshotFacts, SyncState, SyncUpdate } from '../types-sync.ts';
import { serverFiles } from './send.ts';
import type { SnapshotRecord, SnapshotStore, StoredSnapshot } from './store.ts';
import { reverted, updateSnapshot } from './update.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Files = ReadonlyMap<string, Bytes>;

const FOLDER = 'catalogue';
const BUNDLE = 'bundle.json';
const STAYS = 'What is in use stays.';

export function factsOf(stored: StoredSnapshot | null): SnapshotFacts | null {
  if (stored === null) return null;
  const { epoch, manifest, publishedAt } = stored;
  return { epoch, manifest, publishedAt: new Date(publishedAt) };
}

function stateOf(record: SnapshotRecord | null): SyncState {
  if (record === null) {
    const nothing = { server: null, current: null, previous: null, log: null, checkedAt: null };
    return { ...nothing, reverted: false };
  }
  const { server, current, previous, accepted, checkedAt } = record;
  return {
    server,
    current: factsOf(current),
    previous: factsOf(previous),
    reverted: record.reverted,
    log: { origin: accepted.origin, entries: accepted.size },
    checkedAt: new Date(checkedAt),
  };
}

/** A catalogue that can be opened, the assets' own among them. */
export interface Source {
  readonly facts: SnapshotFacts | null;
  readonly assets: AssetSource;
}

export class SnapshotHost {
  readonly #store: SnapshotStore;
  readonly #assets: AssetSource;

  constructor(store: SnapshotStore, assets: AssetSource) {
    this.#store = store;
    this.#assets = assets;
  }

  /** What to open, the best first; the catalogue of the assets is always the last. `opened`: what was open before, which is then the best. */
  async sources(opened: string | null | undefined): Promise<readonly Source[]> {
    const own: Source = { facts: null, assets: this.#assets };
    let record: SnapshotRecord | null;
    try {
      record = await this.#store.record();
    } catch {
      // Newer vectors are not worth a page that does not open; `state` says what is wrong.
      return [own];
    }
    const stored = [record?.current, record?.previous].filter(
      (found) => found !== null && found !== undefined,
    );
    const all = [...stored.map((one) => ({ facts: factsOf(one), assets: this.#over(one) })), own];
    const was = all.filter(({ facts }) => (facts?.manifest ?? null) === opened);
    return [...was, ...all.filter((one) => !was.includes(one))];
  }

  async state(): Promise<SyncState> {
    return stateOf(await this.#store.record());
  }

  update(
    server: string,
    policy: string | undefined,
    variant: Variant,
    signal: AbortSignal | undefined,
  ): Promise<SyncUpdate> {
    return this.#store.exclusive(async () => {
      const host = {
        store: this.#store,
        read: serverFiles(new URL(server), signal),
        inUse: (record: SnapshotRecord | null) => this.#inUse(record),
        check: (now: Files, next: Files) => this.#check(now, next, variant),
        onProgress: (progress: SnapshotProgress) => this.#store.tell?.(progress),
      };
      const updated = await updateSnapshot(host, server, policy, new Date(), signal);
      const { record, ...rest } = updated;
      return { ...stateOf(record), ...rest };
    }, signal);
  }

  revert(): Promise<SyncState> {
    return this.#store.exclusive(async () => {
      const record = await this.#store.record();
      if (!record?.current) return stateOf(record);
      const back = reverted(record);
      await this.#store.write(back, null);
      return stateOf(back);
    });
  }

  /** The assets with the catalogue of a snapshot in the place of their own. */
  #over({ manifest }: StoredSnapshot): AssetSource {
    return {
      read: async (path, signal, onBytes) => {
        if (!path.startsWith(`${FOLDER}/`)) return this.#assets.read(path, signal, onBytes);
        const bytes = await this.#store.file(manifest, path.slice(FOLDER.length + 1));
        if (bytes === null) {
          throw new OssicleError('missing', `${path} of snapshot ${manifest} is gone.`, path);
        }
        onBytes?.(bytes.length);
        return bytes;
      },
    };
  }

  async #inUse(record: SnapshotRecord | null): Promise<Files> {
    const assets = record?.current ? this.#over(record.current) : this.#assets;
    const json = await assets.read(`${FOLDER}/${BUNDLE}`);
    const { files } = JSON.parse(new TextDecoder().decode(json)) as { files: { path: string }[] };
    const all = new Map([[BUNDLE, json]]);
    for (const { path } of files) all.set(path, await assets.read(`${FOLDER}/${path}`));
    return all;
  }

  /** In a module of its own, whose memory goes with it. */
  async #check(now: Files, next: Files, variant: Variant): Promise<void> {
    const file = fileOf(variant);
    const core = new Core(await load(await this.#assets.read(file), file));
    const jsonOf = (files: Files): Bytes => files.get(BUNDLE) ?? new Uint8Array();
    const listed = core.beginBundle(jsonOf(now), BUNDLE, STAYS);
    for (const [index, { path }] of listed.entries()) {
      core.addFile(index, { bytes: now.get(path) ?? new Uint8Array(), digest: null }, path, STAYS);
    }
    core.openEngine({}, undefined);
    try {
      checkSnapshot(core, jsonOf(next), next);
    } catch (cause) {
      const what = `The core refuses the snapshot. ${messageOf(cause)}`;
      const check = cause instanceof OssicleError ? cause.code : 'trapped';
      throw new OssicleError('snapshot_refused', what, check, { cause });
    }
  }
}
