import type { Session } from './session.ts';

export interface SaveProgress {
  readonly done: number;
  /** Entries of the history. */
  readonly total: number;
}

const NEWLINE = 10;

/** The backup as one file. Errors: those of `Engine.export`; AbortError. */
export function everything(
  session: Session,
  beside: object,
  onProgress: (progress: SaveProgress) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const total = session.state().profile?.events ?? 0;
  let lines = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller) {
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ++lines;
      // The first line is about the file.
      onProgress({ done: Math.max(0, lines - 1), total });
      controller.enqueue(bytes);
    },
  });
  return new Response(session.export(beside, signal).pipeThrough(counted)).blob();
}
