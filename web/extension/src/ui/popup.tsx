/** Opened from the button of the browser: what plays, the switch of this site, what is next. */
import type { ReactNode } from 'react';
import { Header } from './parts/header.tsx';
import { PanelLink, Privacy } from './parts/links.tsx';
import { FirstRun, ListenAlong } from './parts/listen-along.tsx';
import { Next } from './parts/next.tsx';
import { NowPlaying } from './parts/now-playing.tsx';
import { start } from './start.tsx';
import { useSites } from './state/browser.ts';

/** A glance; the panel has the rest. */
const ROWS = 6;

function Popup(): ReactNode {
  const isFirstRun = useSites().length === 0;
  return (
    <div className="popup">
      <Header level="h1" />
      <main>
        {isFirstRun ? <FirstRun /> : <NowPlaying />}
        <ListenAlong />
        <Next most={ROWS} />
      </main>
      <footer className="links">
        <PanelLink />
        <Privacy />
      </footer>
    </div>
  );
}

await start('popup', <Popup />);
