import { listenBrainzLine } from '../export/listenbrainz.ts';
import type { Journal } from '../journal.ts';
import type { ExportOptions } from '../types.ts';
import { backupHead } from './backup.ts';

/** The history as text, a batch of the store at a time. */
export async function* historyText(
  journal: Journal,
  { format = 'ossicle', settings, signal }: ExportOptions,
): AsyncGenerator<string, void> {
  // After what was asked for before; a closed engine says so.
  await journal.serial(() => Promise.resolve(), signal);
  if (format === 'ossicle') yield backupHead(settings, new Date());
  for await (const { events } of journal.batches(signal)) {
    const lines = events.map((event) =>
      format === 'ossicle' ? `${JSON.stringify(event)}\n` : listenBrainzLine(event),
    );
    yield lines.join('');
  }
}
