import type { Core } from './core.ts';
import { OssicleError } from './errors.ts';

const BUNDLE = 'bundle.json';
const PATH_BYTES = 1024;

/** Opens the catalogue bundle of these files, by path, in a core that is thrown away afterwards. Errors: those of reading a bundle. */
export function openCatalogue(
  core: Core,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  advice: string,
): void {
  const bytesOf = (path: string) => files.get(path) ?? new Uint8Array();
  for (const [index, { path }] of core.beginBundle(bytesOf(BUNDLE), BUNDLE, advice).entries()) {
    core.addFile(index, { bytes: bytesOf(path), digest: null }, path, advice);
  }
  core.openEngine({}, undefined);
}

/** Whether a further catalogue bundle may take the place of the one that `core` has open; nothing in the core changes but its memory, which is best a core's of its own,
 * thrown away afterwards. `files` are the bundle's, by path.
 * Errors: missing (a file), what reading a bundle can give (corrupt, checksum_mismatch, not_finite ...), and of the comparison: incompatible, norm_exceeded, drift, corrupt; `at` as the message says. */
export function checkSnapshot(
  core: Core,
  bundleJson: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
): void {
  const { abi, heap, room } = core;
  const { small, error, name } = room;
  const advice = 'The catalogue in use stays.';
  const opened = heap.lend(bundleJson, ({ at, size }) =>
    abi.osl_reader_open(at, size, small, error),
  );
  core.check(opened, 'bundle.json of the snapshot', advice);
  const reader = heap.u32(small);
  try {
    core.check(abi.osl_reader_files(reader, small), 'The snapshot');
    const count = heap.u32(small);
    for (let index = 0; index < count; ++index) {
      const out = [name, PATH_BYTES, small, small + 8] as const;
      core.check(abi.osl_reader_file(reader, index, ...out), 'The snapshot');
      const { path } = core.fileInRoom();
      const bytes = files.get(path);
      if (bytes === undefined) {
        const what = `The snapshot has no ${path}, which its bundle.json names. ${advice}`;
        throw new OssicleError('missing', what, path);
      }
      const added = heap.lend(bytes, ({ at, size }) =>
        abi.osl_reader_add(reader, index, at, size, 0, error),
      );
      core.check(added, `${path} of the snapshot`, advice);
    }
    const checked = abi.osl_snapshot_check(core.engine, reader, error);
    core.check(checked, 'The snapshot', advice);
  } finally {
    abi.osl_reader_close(reader);
  }
}
