/** Snapshots beside a core: what is stored of them, and the catalogue that is opened. */
import type { AssetSource } from '../assets.ts';
import { OssicleError } from '../errors.ts';
import { later } from '../later.ts';
import type { Variant } from '../protocol.ts';
import type { SnapshotFacts, SyncState, SyncUpdate } from '../types-sync.ts';
import type { SnapshotRecord, SnapshotStore, StoredSnapshot } from './store.ts';

const FOLDER = 'catalogue';

export function factsOf(stored: StoredSnapshot | null): SnapshotFacts | null {
  if (stored === null) return null;
  const { epoch, manifest, publishedAt } = stored;
  return { epoch, manifest, publishedAt: new Date(publishedAt) };
}

function logOf(record: SnapshotRecord | null): SyncState['log'] {
  return record && { origin: record.accepted.origin, entries: record.accepted.size };
}

function stateOf(record: SnapshotRecord | null): SyncState {
  // A log may have been read for contributions alone.
  if (record === null || record.checkedAt === null) {
    const nothing = { server: null, current: null, previous: null, checkedAt: null };
    return { ...nothing, reverted: false, log: logOf(record) };
  }
  const { server, current, previous, reverted, checkedAt } = record;
  return {
    ...{ server, reverted, log: logOf(record) },
    current: factsOf(current),
    previous: factsOf(previous),
    checkedAt: new Date(checkedAt),
  };
}

/** The snapshot before takes the place of the newest; the catalogue of the assets, where there is none. */
function reverted(record: SnapshotRecord): SnapshotRecord {
  return { ...record, current: record.previous, previous: null, reverted: true };
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

  async update(
    server: string,
    policy: string | undefined,
    variant: Variant,
    signal: AbortSignal | undefined,
  ): Promise<SyncUpdate> {
    const { update } = await later(import('./updating.ts'));
    const [store, assets] = [this.#store, this.#assets];
    return store.exclusive(async () => {
      const inUse = (record: SnapshotRecord | null): AssetSource =>
        record?.current ? this.#over(record.current) : assets;
      const updated = await update({ store, assets, inUse, server, policy, variant, signal });
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
}
