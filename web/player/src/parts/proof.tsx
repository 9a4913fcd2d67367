import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { askedServers, type LoggedRequest, type RequestGroup } from '../requests/log.ts';
import { addRequests, requestLog } from '../requests/page-log.ts';
import { useSession } from '../state/use-session.ts';
import { useLanguage, useWords } from '../words/use-words.ts';

/** How often the engines are asked for their requests while the list is open. */
const ASK_EVERY_MS = 2000;
/** Rows that are drawn at first, and how many times as many with each click. */
const ROWS = 50;
const MORE = 10;

/** Leads to the page that has the proof, open. */
export function ProofLink({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Link className="proof-link" to="/privacy" state={{ proof: true }}>
      {children}
    </Link>
  );
}

function Row({ request }: { readonly request: LoggedRequest }): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { privacy } = words.app;
  const { at, host, what, purpose, bytes } = request;
  const time = new Date(at);
  const size = bytes === null ? '' : bytes > 0 ? words.bytes(bytes) : privacy.here;
  return (
    <tr>
      <td className="numbers">
        <time dateTime={time.toISOString()}>
          {time.toLocaleTimeString(language === 'zh' ? 'zh-CN' : 'en-GB')}
        </time>
      </td>
      <td className="request-what">
        {host !== null && purpose !== 'unknown' ? `${host} · ${what}` : what}
      </td>
      <td>{privacy.purposes[purpose]}</td>
      <td className="numbers">{size}</td>
    </tr>
  );
}

function Totals({ groups }: { readonly groups: readonly RequestGroup[] }): ReactNode {
  const words = useWords();
  const { privacy } = words.app;
  const servers = askedServers({ groups });
  const hasReports = groups.some(({ purpose }) => purpose === 'contribution');
  const sum = (counted: readonly RequestGroup[]): number =>
    counted.reduce((n, { count }) => n + count, 0);
  const own = sum(groups.filter(({ host }) => host === null));
  const unknown = sum(groups.filter(({ host, purpose }) => host !== null && purpose === 'unknown'));
  return (
    <>
      <p className="request-totals">
        {servers.length === 0 ? privacy.requestsOwn(own) : privacy.requestsServers(own, servers)}
      </p>
      {unknown > 0 && <p role="alert">{privacy.requestsUnknown(unknown)}</p>}
      <p className="muted">
        {servers.length === 0 ? privacy.requestsText : privacy.requestsTextServers}{' '}
        {servers.length > 0
          ? hasReports && privacy.contributing.requestsServers
          : hasReports
            ? privacy.contributing.requests
            : privacy.requestsNone}
      </p>
    </>
  );
}

function ProofBody(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const { rows, groups, total } = useSyncExternalStore(requestLog.subscribe, requestLog.list);
  const [purpose, setPurpose] = useState<RequestGroup['purpose'] | null>(null);
  const [most, setMost] = useState(ROWS);
  const { privacy } = words.app;
  useEffect(() => {
    const ask = (): void => {
      session.requests().then(
        (found) =>
          addRequests(
            'engine',
            found.map(({ at, ...request }) => ({ ...request, at: at.getTime() })),
          ),
        // The page's own requests are shown all the same.
        () => undefined,
      );
    };
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [session]);

  const counts = new Map<RequestGroup['purpose'], number>();
  for (const group of groups) {
    counts.set(group.purpose, (counts.get(group.purpose) ?? 0) + group.count);
  }
  const fitting = purpose === null ? rows : rows.filter((row) => row.purpose === purpose);
  const shown = fitting.slice(0, most);
  const choose = (next: typeof purpose): void => {
    setPurpose(next);
    setMost(ROWS);
  };
  return (
    <div className="proof-body" role="region" aria-label={privacy.requests} tabIndex={0}>
      <Totals groups={groups} />
      <div className="kinds" role="group" aria-label={privacy.why}>
        <button
          type="button"
          className="button"
          aria-pressed={purpose === null}
          onClick={() => choose(null)}
        >
          {privacy.requestsAll} {total}
        </button>
        {[...counts].map(([each, count]) => (
          <button
            key={each}
            type="button"
            className="button"
            aria-pressed={purpose === each}
            onClick={() => choose(each)}
          >
            {privacy.purposes[each]} {count}
          </button>
        ))}
      </div>
      <table className="requests">
        <thead>
          <tr>
            <th scope="col">{privacy.when}</th>
            <th scope="col">{privacy.what}</th>
            <th scope="col">{privacy.why}</th>
            <th scope="col">{privacy.size}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((request) => (
            <Row key={request.key} request={request} />
          ))}
        </tbody>
      </table>
      {shown.length < fitting.length && (
        <p className="request-more">
          <span className="muted numbers">{privacy.of(shown.length, fitting.length)}</span>
          <button type="button" className="button" onClick={() => setMost(most * MORE)}>
            {privacy.more}
          </button>
        </p>
      )}
      <p className="muted">{words.privacy.proofRule(location.origin)}</p>
    </div>
  );
}

/** All requests of the page, its workers and its service worker, as they come. */
export function Proof(): ReactNode {
  const words = useWords();
  const { state } = useLocation() as { readonly state: { readonly proof?: boolean } | null };
  const isWanted = state?.proof === true;
  const [open, setOpen] = useState(isWanted);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (isWanted) details.current?.scrollIntoView({ block: 'start' });
  }, [isWanted]);
  return (
    <details
      ref={details}
      id="proof"
      className="disclosure proof"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{words.app.privacy.requests}</summary>
      {open && <ProofBody />}
    </details>
  );
}
