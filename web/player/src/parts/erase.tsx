import { useEffect, useRef, useState, type ReactNode } from 'react';
import { eraseEverything } from '../state/erase-everything.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';

/** Two steps in place: what cannot be undone is asked for twice. */
export function Erase(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [, music] = useMusic();
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
      <p id="erase-sure">{words.privacy.eraseSure}</p>
      <div className="buttons">
        <button
          type="button"
          className="button danger solid"
          onClick={() => void eraseEverything(session, music)}
        >
          {words.privacy.eraseNow}
        </button>
        <button ref={keep} type="button" className="button" onClick={() => setAsking(false)}>
          {words.privacy.eraseKeep}
        </button>
      </div>
    </div>
  );
}
