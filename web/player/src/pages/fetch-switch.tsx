import { useEffect, useRef, type ReactNode } from 'react';
import { Switch } from '../parts/switch.tsx';
import type { Problem } from '../problem.ts';
import type { LookOutcome, NewerVectorsState } from '../state/newer-vectors.ts';
import { refusalOf } from '../state/refusal.ts';
import { useSettings } from '../state/settings.ts';
import { useNewerVectors } from '../state/use-newer-vectors.ts';
import { useWords, type Words } from '../words/use-words.ts';

function failureText(problem: Problem, words: Words): string {
  const { fetching } = words.app.privacy;
  if (problem.code === 'snapshot_refused') return fetching.refused(refusalOf(problem.at));
  if (problem.code === 'network') return fetching.noAnswer;
  if (problem.code === 'missing') return fetching.gone;
  return fetching.failed(words.problem(problem).title);
}

function outcomeText(outcome: LookOutcome, words: Words): string {
  const { fetching } = words.app.privacy;
  switch (outcome.kind) {
    case 'newest':
      return fetching.newest;
    case 'back':
      return fetching.back;
    case 'failed':
      return failureText(outcome.problem, words);
    case 'fetched': {
      const all = words.bytes(outcome.totalBytes);
      return outcome.fetchedBytes === 0
        ? fetching.verified(all)
        : fetching.fetched(words.bytes(outcome.fetchedBytes), all);
    }
  }
}

/** What is said aloud as well: how the last question ended, or that one is under way. */
function told({ offer, busy, outcome }: NewerVectorsState, canSwitch: boolean, words: Words) {
  const { fetching } = words.app.privacy;
  if (busy !== null) return busy === 'looking' ? fetching.looking : fetching.goingBack;
  if (outcome !== null) return outcomeText(outcome, words);
  if (offer === 'asking') return fetching.asking;
  if (offer === 'there') return canSwitch ? fetching.there : '';
  return offer === 'unasked' ? '' : fetching[offer];
}

/** Which vectors are in use, and what is being done about newer ones. */
function Status(): ReactNode {
  const words = useWords();
  const { fetchVectors } = useSettings();
  const [{ busy, opened, stored, progress, nextAt }, newer] = useNewerVectors();
  const { fetching } = words.app.privacy;
  const isLate = stored !== null && stored.current?.manifest !== opened?.manifest;
  const unlessBusy = (work: () => Promise<void>) => ({
    'aria-disabled': busy !== null,
    onClick: () => {
      if (busy === null) void work();
    },
  });
  return (
    <>
      {progress !== null && progress.totalBytes > 0 && (
        <>
          <p id="fetching" className="numbers">
            {fetching.loading(words.bytes(progress.loadedBytes), words.bytes(progress.totalBytes))}
          </p>
          <progress
            aria-labelledby="fetching"
            value={progress.loadedBytes}
            max={progress.totalBytes}
          />
        </>
      )}
      <ul className="fetch-facts muted">
        <li>{fetching.inUse(opened)}</li>
        {isLate && <li>{fetching.nextVisit}</li>}
        {stored?.checkedAt && <li>{fetching.checked(stored.checkedAt)}</li>}
        {nextAt !== null && <li>{fetching.next(new Date(nextAt))}</li>}
        {!fetchVectors && stored?.current && <li>{fetching.off}</li>}
      </ul>
      <div className="buttons">
        {fetchVectors && (
          <button type="button" className="button" {...unlessBusy(() => newer.look())}>
            {fetching.lookNow}
          </button>
        )}
        {stored?.current && (
          <button type="button" className="button" {...unlessBusy(() => newer.goBack())}>
            {fetching.goBack}
          </button>
        )}
      </div>
    </>
  );
}

/** The switch of newer item vectors. It can be used where the page's own server is known to have them, which is asked when the listener wants it. */
export function FetchSwitch(): ReactNode {
  const words = useWords();
  const { fetchVectors, hasFetched } = useSettings();
  const [state, newer] = useNewerVectors();
  const { offer, outcome, stored } = state;
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef({ offer, outcome });
  const hasAsked = useRef(false);
  const { privacy } = words.app;
  const { fetching } = privacy;
  const canSwitch = fetchVectors || hasFetched || offer === 'there';
  useEffect(() => {
    // The button that was pressed is gone.
    const wasAsked = hasAsked.current && before.current.offer === 'asking' && offer === 'there';
    const isBack = before.current.outcome !== outcome && outcome?.kind === 'back';
    if (wasAsked || (isBack && !stored?.current)) button.current?.focus();
    before.current = { offer, outcome };
  }, [offer, outcome, stored]);
  const text =
    offer === 'unasked' && !canSwitch ? `${fetching.text} ${fetching.unasked}` : fetching.text;
  return (
    <Switch
      ref={button}
      label={privacy.fetch}
      text={text}
      on={fetchVectors}
      onChange={canSwitch ? (on) => void newer.switch(on) : undefined}
    >
      <div className="fetching">
        <p role="status">{told(state, !fetchVectors && !hasFetched, words)}</p>
        {canSwitch ? (
          (fetchVectors || hasFetched) && <Status />
        ) : (
          <button
            type="button"
            className="button"
            onClick={() => {
              hasAsked.current = true;
              void newer.ask();
            }}
          >
            {fetching.ask}
          </button>
        )}
      </div>
    </Switch>
  );
}
