import { Unzip, UnzipInflate } from 'fflate';
import { messageOf, OssicleError } from './errors.ts';

/** Where ListenBrainz puts the listens in its zip: listens/<year>/<month>.jsonl. */
const LISTENS = /(^|\/)listens\/.+\.jsonl$/;
/** Compressed bytes inflated at a time, so that even a very dense zip comes out in small parts. */
const STEP = 4096;
const NEWLINE = Uint8Array.of(10);

/** The listens of a ListenBrainz zip, one file after the other. Errors: unknown_format, corrupt (`at` = name of the file). */
export async function* listensOfZip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const unfinished = new Set<string>();
  let files = 0;
  let failure: OssicleError | null = null;
  const unzip = new Unzip((file) => {
    if (!LISTENS.test(file.name)) return;
    files += 1;
    unfinished.add(file.name);
    file.ondata = (cause: Error | null, data, final) => {
      if (cause) {
        failure ??= new OssicleError(
          'corrupt',
          `${file.name} in the zip is damaged: ${cause.message}. Download the export again.`,
          file.name,
          { cause },
        );
        return;
      }
      ready.push(data);
      if (final) {
        unfinished.delete(file.name);
        ready.push(NEWLINE);
      }
    };
    file.start();
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
  function* drain(): Generator<Uint8Array> {
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
  if (files === 0) {
    const what = 'This zip has no listens/*.jsonl in it, so it is not an export of ListenBrainz.';
    throw new OssicleError('unknown_format', what, 'zip');
  }
}
