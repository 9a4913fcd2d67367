import { digestOf } from './digest.ts';

/** A file as it was read. */
export interface BundleBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Their SHA-256, where the platform has it. */
  readonly digest: Uint8Array<ArrayBuffer> | null;
}

type Read = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** Files that are asked for before the core has asked: a bundle may be larger than what should wait in memory. */
const EARLY_FILES = 2;

/** What bundle.json seems to list. Only the core reads it in earnest: this is a guess at what it will ask for. */
function guess(json: Uint8Array): readonly string[] {
  try {
    const { files } = JSON.parse(new TextDecoder().decode(json)) as { files: { path: string }[] };
    const usual = /^[\w-]+(\.[\w-]+)*$/;
    return files
      .slice(0, EARLY_FILES)
      .map(({ path }) => path)
      .filter((path) => usual.test(path));
  } catch {
    return [];
  }
}

/** Reads a bundle: the first files while the core that will verify them still starts. */
export class Bundle {
  readonly json: Promise<Uint8Array<ArrayBuffer>>;
  readonly folder: string;
  readonly #read: Read;
  readonly #early = new Map<string, Promise<BundleBytes>>();

  constructor(folder: string, read: Read) {
    this.folder = folder;
    this.#read = read;
    this.json = this.#begin();
    // Whoever waits for it is told.
    this.json.catch(() => undefined);
  }

  async #begin(): Promise<Uint8Array<ArrayBuffer>> {
    const json = await this.#read(`${this.folder}/bundle.json`);
    for (const path of guess(json)) {
      const file = this.#load(path);
      file.catch(() => undefined);
      this.#early.set(path, file);
    }
    return json;
  }

  async #load(path: string): Promise<BundleBytes> {
    const bytes = await this.#read(`${this.folder}/${path}`);
    return { bytes, digest: await digestOf(bytes) };
  }

  /** To be called once a file, which is then no longer held. Errors: those of `read`. */
  file(path: string): Promise<BundleBytes> {
    const file = this.#early.get(path) ?? this.#load(path);
    this.#early.delete(path);
    return file;
  }
}
