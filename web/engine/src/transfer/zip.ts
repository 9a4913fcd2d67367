import { Unzip, UnzipInflate } from 'fflate';
import { messageOf, OssicleError } from '../errors.ts';

/** Compressed bytes inflated at a time, so that even a very dense zip comes out in small parts. */
const STEP = 4096;

/** Some bytes of a file of a zip. */
export interface ZipPart {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/**
 * Files of a zip, one after the other: those whose names fit the first of `names` that a file fits.
 * Errors: unknown_format (no file fits), corrupt (`at` = name of the file).
 */
export async function* filesOfZip(
  chunks: AsyncIterable<Uint8Array>,
  names: readonly RegExp[],
): AsyncGenerator<ZipPart> {
  const ready: ZipPart[] = [];
  const unfinished = new Set<string>();
  let wanted: RegExp | undefined;
  let failure: OssicleError | null = null;
  const unzip = new Unzip((entry) => {
    const file = entry.name;
    wanted ??= names.find((name) => name.test(file));
    if (wanted?.test(file) !== true) return;
    unfinished.add(file);
    entry.ondata = (cause: Error | null, bytes, last) => {
      if (cause) {
        failure ??= new OssicleError(
          'corrupt',
          `${file} in the zip is damaged: ${cause.message}. Download the export again.`,
          file,
          { cause },
        );
        return;
      }
      if (last) unfinished.delete(file);
      ready.push({ file, bytes, last });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);

  const push = (bytes: Uint8Array, final: boolean): void => {
    try {
      unzip.push(bytes, final);
    } catch (cause) {
      const what = `The zip is damaged: ${messageOf(cause)}. Download the export again.`;
      failure ??= new OssicleError('corrupt', what, 'zip', { cause });
    }
  };
  function* drain(): Generator<ZipPart> {
    yield* ready.splice(0);
    if (failure !== null) throw failure;
  }

  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += STEP) {
      push(chunk.slice(from, from + STEP), false);
      yield* drain();
    }
  }
  push(new Uint8Array(0), true);
  const [cut] = unfinished;
  if (cut !== undefined) {
    yield* ready;
    const what = `The zip ends inside ${cut}: the download was cut short. Download the export again.`;
    throw new OssicleError('corrupt', what, cut);
  }
  yield* drain();
  if (wanted === undefined) {
    const what =
      'This zip has no listens of ListenBrainz, Spotify, Apple Music or YouTube Music in it.';
    throw new OssicleError('unknown_format', what, 'zip');
  }
}
