import { useEffect, useEffectEvent, useId, useState, type ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

function carriesFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** The whole page takes a file; a file that misses must not replace the page. */
export function FileDrop({
  onFile,
  children,
}: {
  readonly onFile: (file: File) => void;
  readonly children: ReactNode;
}): ReactNode {
  const words = useWords();
  const take = useEffectEvent(onFile);
  const [over, setOver] = useState(false);

  useEffect(() => {
    const hold = (event: DragEvent): void => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) take(file);
    };
    document.addEventListener('dragenter', hold);
    document.addEventListener('dragover', hold);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragenter', hold);
      document.removeEventListener('dragover', hold);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);

  return (
    <div className={over ? 'page dragging' : 'page'}>
      {children}
      {over && (
        <div className="drop-veil" aria-hidden="true">
          {words.dropAnywhere}
        </div>
      )}
    </div>
  );
}

/** A file input that looks like a button and is reached by keyboard like one. */
export function ChooseFile({
  label,
  quiet = false,
}: {
  readonly label: string;
  readonly quiet?: boolean;
}): ReactNode {
  const [{ importing }, session] = useSession();
  const id = useId();
  return (
    <span className="choose">
      <input
        id={id}
        type="file"
        accept=".zip,.jsonl,.json,.csv,.txt,.xml,.html"
        disabled={importing !== null}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) void session.import(file);
          // The same file may be chosen again.
          target.value = '';
        }}
      />
      <label htmlFor={id} className={quiet ? 'button' : 'button primary'}>
        {label}
      </label>
    </span>
  );
}
