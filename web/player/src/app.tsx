import type { ReactNode } from 'react';
import { Aside } from './parts/aside.tsx';
import { FileDrop } from './parts/file-drop.tsx';
import { Footer, Header } from './parts/frame.tsx';
import { ImportProgress } from './parts/import-progress.tsx';
import { List } from './parts/list.tsx';
import { Notices } from './parts/notices.tsx';
import { Failed, Opening } from './parts/opening.tsx';
import { Report } from './parts/report.tsx';
import { SampleBanner } from './parts/sample-banner.tsx';
import { Welcome } from './parts/welcome.tsx';
import type { Session, State } from './session.ts';
import { SessionContext, useSession } from './use-session.ts';

/** A history with nothing in it: nothing played, loved, skipped or banned. */
function isEmpty({ profile }: State): boolean {
  return profile === null || profile.events === 0;
}

function Main(): ReactNode {
  const [state] = useSession();
  if (state.phase === 'failed') return <Failed />;
  if (state.phase === 'opening') return <Opening />;
  const empty = isEmpty(state);
  return (
    <>
      {state.sample && !state.importing && <SampleBanner />}
      {state.importing && <ImportProgress importing={state.importing} />}
      {state.outcome && !state.importing && <Report outcome={state.outcome} />}
      {empty ? (
        !state.importing && <Welcome />
      ) : (
        <div className="columns">
          <List />
          <Aside />
        </div>
      )}
    </>
  );
}

function Page(): ReactNode {
  return (
    <FileDrop>
      <Header />
      <main id="main">
        <Main />
      </main>
      <Footer />
      <Notices />
    </FileDrop>
  );
}

export function App({ session }: { readonly session: Session }): ReactNode {
  return (
    <SessionContext value={session}>
      <Page />
    </SessionContext>
  );
}
