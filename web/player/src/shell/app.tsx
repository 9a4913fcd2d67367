import { lazy, Suspense, useLayoutEffect, type ComponentType, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import {
  createHashRouter,
  NavigationType,
  Outlet,
  RouterProvider,
  useLocation,
  useNavigationType,
  useRouteError,
} from 'react-router';
import { useCoverAccent } from '../accent/use-cover-accent.ts';
import { FileDrop } from '../parts/file-drop.tsx';
import { Footer } from '../parts/frame.tsx';
import { Notices } from '../parts/notices.tsx';
import { Failed, Opening, ProblemText } from '../parts/opening.tsx';
import { Home } from '../pages/home.tsx';
import { problemOf } from '../problem.ts';
import type { Contributing } from '../state/contributing.ts';
import type { Music } from '../state/music.ts';
import type { NewerVectors } from '../state/newer-vectors.ts';
import { isPlaylistFile } from '../state/playlist-file.ts';
import type { Session } from '../state/session.ts';
import { ContributingContext } from '../state/use-contributing.ts';
import { MusicContext, useMusic, usePlayer } from '../state/use-music.ts';
import { NewerVectorsContext } from '../state/use-newer-vectors.ts';
import { SessionContext, useSession } from '../state/use-session.ts';
import { useLanguage, useWords } from '../words/use-words.ts';
import { Rail } from './rail.tsx';
import { useDocument } from './use-document.ts';

const NowPlaying = lazy(async () => ({ default: (await import('./now-playing.tsx')).NowPlaying }));

/** Nothing is loaded for it before something plays. */
function Playing(): ReactNode {
  const { current } = usePlayer();
  return (
    current !== null && (
      <Suspense>
        <NowPlaying />
      </Suspense>
    )
  );
}

/** A page whose code is loaded when it is first visited; until then the page before it stays. */
function page(load: () => Promise<ComponentType>): ReactNode {
  const Loaded = lazy(async () => ({ default: await load() }));
  return <Loaded />;
}

/** The code of a page did not arrive, or it stopped on a bug. */
function PageFailed(): ReactNode {
  const words = useWords();
  const problem = problemOf(useRouteError());
  return (
    <section className="card" role="alert">
      <ProblemText problem={problem} />
      <button type="button" className="button" onClick={() => location.reload()}>
        {words.reload}
      </button>
    </section>
  );
}

function Page(): ReactNode {
  const [{ phase }] = useSession();
  if (phase === 'failed') return <Failed />;
  if (phase === 'opening') return <Opening />;
  return (
    <Suspense>
      <Outlet />
    </Suspense>
  );
}

/** A page that is gone to is seen from its top; one that is gone back to is where it was. */
function useTop(): void {
  const { key } = useLocation();
  const kind = useNavigationType();
  useLayoutEffect(() => {
    if (kind !== NavigationType.Pop) scrollTo(0, 0);
  }, [key, kind]);
}

function Frame(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [, { playlists }] = useMusic();
  useCoverAccent();
  useTop();
  const take = (file: File): void => {
    if (!isPlaylistFile(file)) void session.import(file);
    else {
      location.hash = '#/playlists';
      void playlists.openFile(file);
    }
  };
  return (
    <FileDrop onFile={take}>
      <a
        className="skip-link"
        href="#main"
        onClick={(event) => {
          // The address belongs to the router.
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        {words.app.nav.skip}
      </a>
      <Rail />
      <div className="content">
        <main id="main" tabIndex={-1}>
          <Page />
        </main>
        <Footer />
      </div>
      <Notices />
      <Playing />
    </FileDrop>
  );
}

const router = createHashRouter([
  {
    element: <Frame />,
    children: [
      {
        errorElement: <PageFailed />,
        children: [
          { path: '/', element: <Home /> },
          {
            path: '/library',
            element: page(async () => (await import('../pages/library.tsx')).LibraryPage),
          },
          {
            path: '/search',
            element: page(async () => (await import('../pages/search.tsx')).SearchPage),
          },
          {
            path: '/playlists',
            element: page(async () => (await import('../pages/playlists.tsx')).Playlists),
          },
          { path: '/taste', element: page(async () => (await import('../pages/taste.tsx')).Taste) },
          {
            path: '/privacy',
            element: page(async () => (await import('../pages/privacy.tsx')).Privacy),
          },
          { path: '*', element: <Home /> },
        ],
      },
    ],
  },
]);

export function App({
  session,
  music,
  newer,
  contributing,
}: {
  readonly session: Session;
  readonly music: Music;
  readonly newer: NewerVectors;
  readonly contributing: Contributing;
}): ReactNode {
  const language = useLanguage();
  useDocument();
  return (
    <I18nProvider locale={language === 'zh' ? 'zh-CN' : 'en-GB'}>
      <SessionContext value={session}>
        <MusicContext value={music}>
          <NewerVectorsContext value={newer}>
            <ContributingContext value={contributing}>
              <RouterProvider router={router} />
            </ContributingContext>
          </NewerVectorsContext>
        </MusicContext>
      </SessionContext>
    </I18nProvider>
  );
}
