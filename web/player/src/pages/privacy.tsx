import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { EraseAll } from '../parts/erase-all.tsx';
import { Proof } from '../parts/proof.tsx';
import { askedServers } from '../requests/log.ts';
import { requestLog } from '../requests/page-log.ts';
import { hasContributed } from '../state/contributed.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useMusic, usePlaylists } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { ContributeSwitch } from './contribute-switch.tsx';
import { FetchSwitch } from './fetch-switch.tsx';
import { HistoryList } from './history-list.tsx';
import { WhatLeft } from './privacy-left.tsx';
import { Preferences } from './privacy-preferences.tsx';
import { SaveAll } from './privacy-save.tsx';
import { Stored, useStored } from './privacy-stored.tsx';
import { Switches } from './privacy-switches.tsx';

export function Privacy(): ReactNode {
  const words = useWords();
  const [{ profile, sample }] = useSession();
  const [{ sources }] = useMusic();
  const [, playlists] = usePlaylists();
  const [{ kept }] = useContributing();
  const servers = askedServers(useSyncExternalStore(requestLog.subscribe, requestLog.list));
  const stored = useStored();
  const { privacy } = words.app;
  useEffect(() => {
    document.title = `${privacy.title} · ${words.appName}`;
  }, [privacy, words]);
  const said = hasContributed(kept) ? privacy.contributing : privacy;
  const asksServer = sources.some(({ kind }) => kind === 'server');
  return (
    <>
      <h1>{privacy.title}</h1>
      <p className="lead">{asksServer ? said.sentenceServer : said.sentence}</p>
      <Switches fetching={<FetchSwitch />} contributing={<ContributeSwitch />} />
      <WhatLeft servers={servers} kept={kept} />
      <section aria-labelledby="requests">
        <h2 id="requests" className="unseen">
          {privacy.requests}
        </h2>
        <Proof />
      </section>
      {stored && (
        <>
          <Stored stored={stored} />
          <HistoryList />
          {!sample && profile !== null && <SaveAll beside={() => playlists.exported()} />}
          {!sample && profile !== null && <EraseAll />}
          <Preferences />
        </>
      )}
    </>
  );
}
