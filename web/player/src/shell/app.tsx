import { useEffect, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createHashRouter, Outlet, RouterProvider } from 'react-router';
import { useCoverAccent } from '../accent/use-cover-accent.ts';
import { FileDrop } from '../parts/file-drop.tsx';
import { Footer } from '../parts/frame.tsx';
import { Notices } from '../parts/notices.tsx';
import { Failed, Opening } from '../parts/opening.tsx';
import { Home } from '../pages/home.tsx';
import { LibraryPage } from '../pages/library.tsx';
import { Playlists } from '../pages/playlists.tsx';
import { Privacy } from '../pages/privacy.tsx';
import { SearchPage } from '../pages/search.tsx';
import { Taste } from '../pages/taste.tsx';
import type { Music } from '../state/music.ts';
import type { Session } from '../state/session.ts';
import { useSettings } from '../state/settings.ts';
import { MusicContext } from '../state/use-music.ts';
import { SessionContext, useSession } from '../state/use-session.ts';
import { useLanguage, useWords } from '../words/use-words.ts';
import { NowPlaying } from './now-playing.tsx';
import { Rail } from './rail.tsx';

function Page(): ReactNode {
  const [{ phase }] = useSession();
  if (phase === 'failed') return <Failed />;
  if (phase === 'opening') return <Opening />;
  return <Outlet />;
}

function Frame(): ReactNode {
  const words = useWords();
  useCoverAccent();
  return (
    <FileDrop>
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
      <NowPlaying />
    </FileDrop>
  );
}

const router = createHashRouter([
  {
    element: <Frame />,
    children: [
      { path: '/', element: <Home /> },
      { path: '/library', element: <LibraryPage /> },
      { path: '/search', element: <SearchPage /> },
      { path: '/playlists', element: <Playlists /> },
      { path: '/taste', element: <Taste /> },
      { path: '/privacy', element: <Privacy /> },
      { path: '*', element: <Home /> },
    ],
  },
]);

/** Language and colours are those of the whole document. */
function useDocument(): void {
  const language = useLanguage();
  const theme = useSettings((settings) => settings.theme);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

export function App({
  session,
  music,
}: {
  readonly session: Session;
  readonly music: Music;
}): ReactNode {
  const language = useLanguage();
  useDocument();
  return (
    <I18nProvider locale={language === 'zh' ? 'zh-CN' : 'en-GB'}>
      <SessionContext value={session}>
        <MusicContext value={music}>
          <RouterProvider router={router} />
        </MusicContext>
      </SessionContext>
    </I18nProvider>
  );
}
