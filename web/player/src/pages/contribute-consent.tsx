import type { RoundFacts } from 'ossicle';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Problem } from '../problem.ts';
import { contributionProblemOf } from '../state/contribution-problem.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useWords, type Words } from '../words/use-words.ts';
import { ShowPreview } from './contribute-preview.tsx';

/** Hosts of both aggregators. */
export function hostsOf({ aggregators: [a, b] }: RoundFacts): readonly [string, string] {
  return [new URL(a).host, new URL(b).host];
}

const isHere = (url: string): boolean => new URL(url).origin === location.origin;

/** Why this page cannot send a report of the round: its policy lets it ask its own address only (connect-src). null: it can. */
function elsewhere({ aggregators: [a], issuer }: RoundFacts, { app }: Words): string | null {
  const { contributing } = app.privacy;
  if (!isHere(a)) return contributing.elsewhere(new URL(a).host);
  if (issuer === null || isHere(issuer)) return null;
  return contributing.tokensElsewhere(new URL(issuer).host);
}

/** Why it could not be read what the server asks for, or why a wish was not done. */
export function wishFailed(problem: Problem, words: Words): string {
  const { contributing } = words.app.privacy;
  // Of what does not fit, the engine says what.
  const isUnfit = problem.code === 'incompatible';
  const kind = contributionProblemOf(isUnfit ? String(problem.at ?? problem.code) : problem.code);
  if (kind === 'noAnswer' || kind === 'unverified') return contributing[kind];
  if (kind === 'unstored' || kind === 'otherVectors' || kind === 'otherCatalogue') {
    return contributing.problems[kind];
  }
  return `${words.problem(problem).title}.`;
}

/** Who adds up, and what they could do; in the strongest words where one host has both halves. */
function Aggregators({ round }: { readonly round: RoundFacts | null }): ReactNode {
  const { contributing } = useWords().app.privacy;
  if (round === null) return <p className="warning">{contributing.noHosts}</p>;
  const [a, b] = hostsOf(round);
  return (
    <p className="warning">{a === b ? contributing.oneHost(a) : contributing.twoHosts(a, b)}</p>
  );
}

/** What it means, as far as it is known: the round is null while it is read, and where there is none. */
function Meaning({ round }: { readonly round: RoundFacts | null }): ReactNode {
  const words = useWords();
  const [{ kept, preview, busy, problem }] = useContributing();
  const { contributing } = words.app.privacy;
  const bytes = preview === null ? null : words.bytes(preview.reportBytes);
  return (
    <>
      {busy === null && problem === null && round === null && <p>{contributing.noRound}</p>}
      <dl className="meaning">
        <dt>{contributing.sent}</dt>
        <dd>{contributing.sentText(round, bytes)}</dd>
        <dt>{contributing.protection}</dt>
        <dd>{contributing.protectionText(round)}</dd>
        {kept !== null && (
          <>
            <dt>{contributing.cost}</dt>
            <dd>{contributing.costText(kept.ledger)}</dd>
          </>
        )}
        <dt>{contributing.when}</dt>
        <dd>{contributing.whenText}</dd>
      </dl>
      <h4>{contributing.limits}</h4>
      <Aggregators round={round} />
      <ul className="limits">
        {round !== null && round.issuer !== null && (
          <li>{contributing.tokens(new URL(round.issuer).host)}</li>
        )}
        <li>{contributing.recall}</li>
        <li>{contributing.few}</li>
        <li>{contributing.lies}</li>
        <li>{contributing.erasing}</li>
      </ul>
    </>
  );
}

/** Everything that a listener has to know before agreeing, and the two answers. Escape is the second. */
export function Consent(): ReactNode {
  const words = useWords();
  const [{ preview, busy, problem }, state] = useContributing();
  const title = useRef<HTMLHeadingElement>(null);
  const { contributing } = words.app.privacy;
  const round = preview?.round ?? null;
  // Not to what nobody has read yet.
  const away = round && elsewhere(round, words);
  const canAgree = problem === null && round !== null && away === null;
  useEffect(() => title.current?.focus(), []);
  return (
    <section
      className="consent"
      aria-labelledby="consent"
      onKeyDown={({ key }) => {
        if (key === 'Escape') void state.leave();
      }}
    >
      <h3 id="consent" ref={title} tabIndex={-1}>
        {contributing.title}
      </h3>
      <p>{contributing.lead}</p>
      <Meaning round={round} />
      {problem === null ? (
        <ShowPreview />
      ) : (
        <p role="alert">
          {wishFailed(problem, words)} {contributing.unreadable}
        </p>
      )}
      {away !== null && <p role="alert">{away}</p>}
      <div className="buttons">
        {canAgree && (
          <button
            type="button"
            className="button primary"
            aria-disabled={busy !== null}
            onClick={() => {
              if (busy === null) void state.turnOn();
            }}
          >
            {contributing.agree}
          </button>
        )}
        {problem !== null && (
          <button type="button" className="button" onClick={() => void state.consider()}>
            {contributing.tryAgain}
          </button>
        )}
        <button type="button" className="button" onClick={() => void state.leave()}>
          {contributing.decline}
        </button>
      </div>
    </section>
  );
}
