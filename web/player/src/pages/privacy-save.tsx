import { useState, type ReactNode } from 'react';
import { isAbort, problemOf } from '../problem.ts';
import { everything, type SaveProgress } from '../state/save-everything.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { saveFile, today } from './save-file.ts';

/** The whole history and the settings in a file of the person's own. */
export function SaveAll({
  beside,
}: {
  /** What goes into the file beside them. */
  readonly beside?: () => object;
}): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [saving, setSaving] = useState<{
    readonly progress: SaveProgress;
    readonly stop: AbortController;
  } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { privacy } = words.app;
  const save = async (): Promise<void> => {
    const stop = new AbortController();
    const tell = (progress: SaveProgress): void => setSaving({ progress, stop });
    setProblem(null);
    try {
      const file = await everything(session, beside?.() ?? {}, tell, stop.signal);
      saveFile(`ossicle-${today()}.jsonl`, file);
    } catch (cause) {
      if (!isAbort(cause)) setProblem(problemOf(cause).message);
    }
    setSaving(null);
  };
  return (
    <div className="offer">
      {saving ? (
        <div className="stop">
          <progress
            aria-label={privacy.save}
            value={saving.progress.done}
            max={Math.max(1, saving.progress.total)}
          />
          <p className="muted numbers">{privacy.saving(saving.progress)}</p>
          <button type="button" className="button" onClick={() => saving.stop.abort()}>
            {privacy.stop}
          </button>
        </div>
      ) : (
        <button type="button" className="button" onClick={() => void save()}>
          {privacy.save}
        </button>
      )}
      <p className="muted">{problem ?? privacy.saveText}</p>
    </div>
  );
}
