import type { ReactNode } from 'react';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { ProblemText } from './opening.tsx';

/** What was just done, with the way back; and what failed while the page goes on. */
export function Notices(): ReactNode {
  const words = useWords();
  const [{ choice, problem, erased }, session] = useSession();
  const shown = choice !== null || problem !== null || erased;
  return (
    <div className="notices" aria-live="polite">
      {shown && (
        <div className={problem ? 'notice problem' : 'notice'}>
          <div className="notice-text">
            {problem ? (
              <ProblemText problem={problem} />
            ) : choice ? (
              <p>{words.choice.said(choice)}</p>
            ) : (
              <p>{words.privacy.erased}</p>
            )}
          </div>
          {choice && !problem && (
            <button type="button" className="button undo" onClick={() => void session.undo()}>
              {words.choice.undo}
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label={words.choice.dismiss}
            onClick={() => session.dismiss()}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
