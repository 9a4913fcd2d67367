/** Everything about what is kept and what has left, in a tab of its own: the options page. */
import {
  ChooseFile,
  Failed,
  FileDrop,
  HistoryList,
  ImportProgress,
  Preferences,
  Report,
  SaveAll,
  Switches,
  useSession,
  useWords,
  WhatLeft,
} from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { Engine } from './parts/engine.tsx';
import { EraseHere } from './parts/erase-here.tsx';
import { Header } from './parts/header.tsx';
import { SiteList } from './parts/site-list.tsx';
import { StoredHere } from './parts/stored.tsx';
import { start } from './start.tsx';
import { useOwnWords } from './words/use-own-words.ts';

/** Into the history from a file, and out of it. */
function Move(): ReactNode {
  const words = useWords();
  const { privacy } = useOwnWords();
  const [{ importing, outcome }] = useSession();
  return (
    <section aria-labelledby="move">
      <h2 id="move">{privacy.move}</h2>
      <p className="muted move-text">{privacy.moveText}</p>
      {importing && <ImportProgress importing={importing} />}
      {!importing && outcome && <Report outcome={outcome} />}
      <ChooseFile label={words.welcome.choose} quiet />
      <SaveAll />
    </section>
  );
}

function Kept(): ReactNode {
  const [{ phase, profile }] = useSession();
  if (phase === 'opening') return <Engine />;
  if (phase === 'failed') return <Failed />;
  return (
    <>
      <StoredHere />
      <HistoryList />
      <Move />
      {profile !== null && <EraseHere />}
    </>
  );
}

function PrivacyPage(): ReactNode {
  const words = useWords();
  const own = useOwnWords();
  const [, session] = useSession();
  const { privacy } = words.app;
  return (
    <FileDrop onFile={(file) => void session.import(file)}>
      <div className="privacy">
        <Header />
        <main>
          <h1>{privacy.title}</h1>
          <p className="lead">{privacy.sentence}</p>
          <SiteList offersAll />
          <Switches plays={own.privacy.plays} privateText={own.private.full} />
          <WhatLeft servers={[]} />
          <Kept />
          <Preferences />
        </main>
      </div>
    </FileDrop>
  );
}

await start('privacy', <PrivacyPage />);
