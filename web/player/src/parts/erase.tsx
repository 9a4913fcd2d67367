import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';

/** Two steps in place: what cannot be undone is asked for twice. */
export function Erase({
  sure,
  onErase,
}: {
  /** What goes, and what stays. Left out: as the page's own. */
  readonly sure?: string;
  readonly onErase: () => void;
}): ReactNode {
  const words = useWords();
  const [asking, setAsking] = useState(false);
  const wasAsking = useRef(false);
  const keep = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) keep.current?.focus();
    else if (wasAsking.current) first.current?.focus();
    wasAsking.current = asking;
  }, [asking]);

  if (!asking) {
    return (
      <button ref={first} type="button" className="button danger" onClick={() => setAsking(true)}>
        {words.privacy.erase}
      </button>
    );
  }
  return (
    <div
      className="erase"
      role="group"
      aria-labelledby="erase-sure"
      onKeyDown={({ key }) => {
        if (key === 'Escape') setAsking(false);
      }}
    >
      <p id="erase-sure">{sure ?? words.privacy.eraseSure}</p>
      <div className="buttons">
        <button type="button" className="button danger solid" onClick={onErase}>
          {words.privacy.eraseNow}
        </button>
        <button ref={keep} type="button" className="button" onClick={() => setAsking(false)}>
          {words.privacy.eraseKeep}
        </button>
      </div>
    </div>
  );
}
