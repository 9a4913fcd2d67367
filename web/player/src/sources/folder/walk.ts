/** What is in a folder, whichever way the browser gave it. */

export interface Entry {
  /** Below the folder, with '/'. */
  readonly path: string;
  readonly file: () => Promise<File>;
}

/** A folder in it that could not be read: what was known of it stays. */
export interface Unreadable {
  readonly path: string;
  readonly cause: unknown;
}

export interface Walk {
  entries(signal: AbortSignal): AsyncIterable<Entry | Unreadable>;
  /** One file. Rejects with a NotFoundError. */
  file(path: string): Promise<File>;
}

/** Folders of systems and of version control hold no music, but many files. */
const PASSED_OVER = /^(?:\.|\$RECYCLE\.BIN$|System Volume Information$|@eaDir$|node_modules$)/;
/** A link that leads back up would never end. */
const DEEPEST = 32;

export function walkHandle(root: FileSystemDirectoryHandle): Walk {
  async function* below(
    folder: FileSystemDirectoryHandle,
    prefix: string,
    depth: number,
    signal: AbortSignal,
  ): AsyncGenerator<Entry | Unreadable> {
    const inner: FileSystemDirectoryHandle[] = [];
    try {
      for await (const [name, handle] of folder.entries()) {
        signal.throwIfAborted();
        if (PASSED_OVER.test(name)) continue;
        if (handle.kind === 'directory') inner.push(handle);
        else {
          yield { path: prefix + name, file: () => handle.getFile() };
        }
      }
    } catch (cause) {
      signal.throwIfAborted();
      // The chosen folder itself must be there; one in it may fail by itself.
      if (prefix === '') throw cause;
      yield { path: prefix, cause };
    }
    if (depth === DEEPEST) return;
    for (const handle of inner) {
      yield* below(handle, `${prefix}${handle.name}/`, depth + 1, signal);
    }
  }
  return {
    entries: (signal) => below(root, '', 0, signal),
    async file(path) {
      const parts = path.split('/');
      const name = parts.pop() ?? '';
      let folder = root;
      for (const part of parts) folder = await folder.getDirectoryHandle(part);
      return (await folder.getFileHandle(name)).getFile();
    },
  };
}

/** A file of `<input webkitdirectory>` with its path from the chosen folder on: a worker gets the file without it. */
export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

export function chosenFile(file: File): ChosenFile {
  return { path: file.webkitRelativePath || file.name, file };
}

/** Paths begin with the name of the chosen folder, which is left out. */
export function walkFiles(files: readonly ChosenFile[]): Walk {
  const byPath = new Map(
    files.map(({ path, file }) => [
      path.includes('/') ? path.slice(path.indexOf('/') + 1) : path,
      file,
    ]),
  );
  return {
    async *entries(signal) {
      for (const [path, file] of byPath) {
        signal.throwIfAborted();
        if (path.split('/').some((part) => PASSED_OVER.test(part))) continue;
        yield await Promise.resolve({ path, file: () => Promise.resolve(file) });
      }
    },
    file(path) {
      const file = byPath.get(path);
      if (file) return Promise.resolve(file);
      return Promise.reject(
        new DOMException(`${path} is not among the chosen files.`, 'NotFoundError'),
      );
    },
  };
}

/** The folder that was chosen, or 'Files'. */
export function folderNameOf(files: readonly ChosenFile[]): string {
  const path = files[0]?.path ?? '';
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : 'Files';
}
