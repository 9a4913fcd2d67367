/** Where everything is in the data folder. Only `public` is ever served. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** checkpoint, tile/, blob/, policy.json. */
  get public(): string {
    return join(this.path, 'public');
  }

  get scratch(): string {
    return join(this.path, 'scratch');
  }

  get config(): string {
    return join(this.path, 'config.json');
  }

  get entries(): string {
    return join(this.path, 'entries.sqlite');
  }

  /** Invitations, and which of them were used. */
  get tokens(): string {
    return join(this.path, 'tokens.sqlite');
  }

  /** Of an aggregator on a machine of its own: how far it has read the log, and whom it believes. */
  get seen(): string {
    return join(this.path, 'log.json');
  }

  get lock(): string {
    return join(this.path, 'lock.sqlite');
  }

  get witness(): string {
    return join(this.path, 'witness.sqlite');
  }

  /** A snapshot that publishers have yet to sign. */
  get draft(): string {
    return join(this.path, 'draft.note');
  }

  get draftLock(): string {
    return join(this.path, 'draft.sqlite');
  }

  /** For files of a draft, which is made without the lock. */
  get draftScratch(): string {
    return join(this.path, 'scratch-draft');
  }

  key(role: string): string {
    return join(this.path, 'keys', role);
  }

  file(path: string): string {
    return join(this.public, path);
  }

  async make(): Promise<void> {
    await mkdir(join(this.path, 'keys'), { recursive: true, mode: 0o700 });
    await mkdir(this.public, { recursive: true });
  }

  /** What a crash left half written. Only for who holds the lock. */
  async clearScratch(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }
}
