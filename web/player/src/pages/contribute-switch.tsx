import type { ContributionState, PrivacyLedger } from 'ossicle';
import { useEffect, useRef, type ReactNode } from 'react';
import { Switch } from '../parts/switch.tsx';
import { hasContributed, isContributing } from '../state/contributed.ts';
import type { ContributingState } from '../state/contributing.ts';
import { contributionProblemOf, wantsCode } from '../state/contribution-problem.ts';
import type { Offer } from '../state/newer-vectors.ts';
import { useSettings } from '../state/settings.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useNewerVectors } from '../state/use-newer-vectors.ts';
import { useWords, type Words } from '../words/use-words.ts';
import { Consent, hostsOf, wishFailed } from './contribute-consent.tsx';
import { Invitation } from './contribute-invitation.tsx';
import { ShowPreview } from './contribute-preview.tsx';

/** What is said aloud as well: what is under way, or how things stand. */
function told(
  { kept, asking, busy }: ContributingState,
  offer: Offer,
  canSwitch: boolean,
  isPrivate: boolean,
  words: Words,
): string {
  const { contributing } = words.app.privacy;
  if (busy === 'turning on') return contributing.turningOn;
  if (busy === 'turning off') return contributing.turningOff;
  if (busy === 'reading' && asking) return contributing.reading;
  if (asking) return '';
  if (kept !== null && kept.phase !== 'off') {
    return isPrivate && kept.phase !== 'lost'
      ? contributing.paused
      : contributing.phases[kept.phase];
  }
  if (hasContributed(kept)) return contributing.off;
  if (canSwitch) return contributing.there;
  return offer === 'unasked' || offer === 'there' ? '' : contributing[offer];
}

/** What was spent of the year's budget. */
function Ledger({ ledger }: { readonly ledger: PrivacyLedger }): ReactNode {
  const { contributing } = useWords().app.privacy;
  return (
    <div className="ledger">
      <meter
        min={0}
        max={ledger.mostReports}
        value={ledger.reports}
        aria-label={contributing.budgetName(ledger.reports, ledger.mostReports)}
      />
      <p className="muted numbers">{contributing.ledger(ledger)}</p>
    </div>
  );
}

/** The round, who adds up, and what was and will be sent. */
function Facts({
  kept,
  isBarred,
}: {
  readonly kept: ContributionState;
  /** Nothing can be sent before the listener has done something. */
  readonly isBarred: boolean;
}): ReactNode {
  const { contributing } = useWords().app.privacy;
  const { privateSession } = useSettings();
  const { phase, round, dueAt, sentAt } = kept;
  const hosts = round === null ? null : hostsOf(round);
  const isDue = (phase === 'waiting' || phase === 'sending') && !isBarred && !privateSession;
  return (
    <>
      {hosts !== null && hosts[0] === hosts[1] && (
        <p className="warning">{contributing.oneHostShort(hosts[0])}</p>
      )}
      <ul className="fetch-facts muted">
        {round !== null && <li>{contributing.round(round)}</li>}
        {hosts !== null && hosts[0] !== hosts[1] && <li>{contributing.hosts(...hosts)}</li>}
        {dueAt !== null && isDue && <li>{contributing.due(dueAt)}</li>}
        {sentAt !== null && <li>{contributing.lastSent(sentAt)}</li>}
      </ul>
    </>
  );
}

/** How contributing stands, where it is on or was. */
function Status({ kept }: { readonly kept: ContributionState }): ReactNode {
  const words = useWords();
  const [{ problem }] = useContributing();
  const { contributing } = words.app.privacy;
  const isOn = isContributing(kept);
  const failed = isOn && kept.problem !== null ? contributionProblemOf(kept.problem) : null;
  const isBarred = failed !== null && wantsCode(failed);
  return (
    <>
      {failed !== null && <p>{contributing.problems[failed]}</p>}
      {isBarred && <Invitation />}
      {problem !== null && <p role="alert">{wishFailed(problem, words)}</p>}
      {isOn && <Facts kept={kept} isBarred={isBarred} />}
      <Ledger ledger={kept.ledger} />
      {isOn && <ShowPreview />}
    </>
  );
}

/** The switch of contributions. Switching it on begins with what that means; it is on when the listener has agreed. */
export function ContributeSwitch(): ReactNode {
  const words = useWords();
  const { fetchVectors, hasFetched, hasContributions, privateSession } = useSettings();
  const [{ offer }, newer] = useNewerVectors();
  const [state, contributing] = useContributing();
  const { kept, asking } = state;
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef({ offer, asking });
  const hasAsked = useRef(false);
  const { privacy } = words.app;
  const isOn = isContributing(kept);
  const isLost = kept?.phase === 'lost';
  const isKnown = fetchVectors || hasFetched || hasContributions || offer === 'there';
  const canSwitch = !isLost && (isOn || isKnown);
  useEffect(() => void contributing.refresh(), [contributing]);
  useEffect(() => {
    // The button that was pressed is gone.
    const wasAsked = hasAsked.current && before.current.offer === 'asking' && offer === 'there';
    if ((before.current.asking && !asking) || wasAsked) button.current?.focus();
    before.current = { offer, asking };
  }, [offer, asking]);
  const text = privacy.contributing.text;
  const change = (on: boolean): void => {
    if (isOn) void contributing.turnOff();
    else if (on && !asking) void contributing.consider();
  };
  return (
    <Switch
      ref={button}
      label={privacy.share}
      text={canSwitch || offer !== 'unasked' ? text : `${text} ${privacy.contributing.unasked}`}
      on={isOn}
      onChange={canSwitch ? change : undefined}
    >
      <div className="fetching">
        <p role="status">{told(state, offer, canSwitch, privateSession, words)}</p>
        {!canSwitch && !isLost && (
          <button
            type="button"
            className="button"
            onClick={() => {
              hasAsked.current = true;
              void newer.ask();
            }}
          >
            {privacy.contributing.ask}
          </button>
        )}
        {asking ? (
          <Consent />
        ) : (
          kept !== null && !isLost && (isOn || hasContributed(kept)) && <Status kept={kept} />
        )}
      </div>
    </Switch>
  );
}
