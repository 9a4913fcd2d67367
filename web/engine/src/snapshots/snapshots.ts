import type { Journal } from '../journal.ts';
import { OssicleError } from '../errors.ts';
import type { SnapshotFacts, Sync, SyncState, SyncUpdate, UpdateOptions } from '../types-sync.ts';

/** Of a folder: absolute, and ending with a slash, so that one folder has one address. Errors: invalid_argument. */
export function serverAddress(server: URL | string): string {
  const base = 'location' in globalThis ? globalThis.location.href : undefined;
  const url = URL.parse(server, base);
  if (url !== null && ['https:', 'http:'].includes(url.protocol)) {
    [url.search, url.hash] = ['', ''];
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  }
  const what = `${String(server)} is no address of a server.`;
  throw new OssicleError('invalid_argument', `${what} It begins with https://.`, 'server');
}

/** `sync` of an engine. */
export class Snapshots implements Sync {
  readonly opened: SnapshotFacts | null;
  readonly #journal: Journal;

  constructor(journal: Journal, opened: SnapshotFacts | null) {
    this.#journal = journal;
    this.opened = opened;
  }

  async state(): Promise<SyncState> {
    return this.#journal.beside('syncState', null);
  }

  async update({ server, policy, signal }: UpdateOptions): Promise<SyncUpdate> {
    const args = { server: serverAddress(server), ...(policy !== undefined && { policy }) };
    return this.#journal.beside('syncUpdate', args, signal);
  }

  async revert(): Promise<SyncState> {
    return this.#journal.beside('syncRevert', null);
  }
}
