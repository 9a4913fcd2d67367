import {
  followOtherTabs,
  Notices,
  Session,
  SessionContext,
  useDocument,
  useLanguage,
} from '@ossicle/player/shared';
import '@ossicle/player/styles/base.css';
import '@ossicle/player/styles/page.css';
import '@ossicle/player/styles/list.css';
import '@ossicle/player/styles/pages.css';
import '@ossicle/player/styles/privacy.css';
import { StrictMode, useEffect, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { followBrowser } from './state/browser.ts';
import { openEngine } from './state/engine.ts';
import { followPrivateSession } from './state/private-session.ts';
import './styles/pages.css';
import { useOwnWords, type OwnWords } from './words/use-own-words.ts';

function Page({
  title,
  children,
}: {
  readonly title: keyof OwnWords['titles'];
  readonly children: ReactNode;
}): ReactNode {
  const { titles } = useOwnWords();
  const language = useLanguage();
  useDocument();
  useEffect(() => {
    document.title = titles[title];
  }, [titles, title]);
  return (
    <I18nProvider locale={language === 'zh' ? 'zh-CN' : 'en-GB'}>
      {children}
      <Notices />
    </I18nProvider>
  );
}

/** Draws one of the extension's pages. The engine opens meanwhile; what the browser tells is known before. */
export async function start(
  title: keyof OwnWords['titles'],
  page: ReactNode,
  root = document.getElementById('root'),
): Promise<void> {
  if (root === null) throw new Error('the page has no #root');
  followOtherTabs();
  const session = new Session(openEngine);
  // Before anything can be loved: in a private session that is not written down.
  await followPrivateSession();
  void session.open();
  await followBrowser();
  createRoot(root).render(
    <StrictMode>
      <SessionContext value={session}>
        <Page title={title}>{page}</Page>
      </SessionContext>
    </StrictMode>,
  );
}
