/** At the side of the window, for as long as one listens. */
import { useSession } from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { Find } from './parts/find.tsx';
import { Header } from './parts/header.tsx';
import { Privacy } from './parts/links.tsx';
import { Next } from './parts/next.tsx';
import { NowPlaying } from './parts/now-playing.tsx';
import { SiteList } from './parts/site-list.tsx';
import { start } from './start.tsx';

const ROWS = 20;

function Panel(): ReactNode {
  const [{ phase }] = useSession();
  return (
    <div className="panel">
      <Header level="h1">
        <Privacy />
      </Header>
      <main>
        <NowPlaying />
        {phase === 'ready' && <Find />}
        <Next most={ROWS} />
        <SiteList />
      </main>
    </div>
  );
}

await start('panel', <Panel />);
