import { Lock, PanelRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { openPanel } from '../state/open-panel.ts';
import { useTab } from '../state/browser.ts';
import { useOwnWords } from '../words/use-own-words.ts';

/** To the privacy page; one that is open already comes to the front. */
export function PrivacyLink({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <a
      className="proof-link"
      href="privacy.html"
      target="_blank"
      onClick={(event) => {
        event.preventDefault();
        void chrome.runtime.openOptionsPage();
      }}
    >
      {children}
    </a>
  );
}

export function Privacy(): ReactNode {
  const { links } = useOwnWords();
  return (
    <PrivacyLink>
      <Lock className="icon" aria-hidden="true" />
      {links.privacy}
    </PrivacyLink>
  );
}

export function PanelLink(): ReactNode {
  const { links } = useOwnWords();
  const { windowId } = useTab();
  return (
    <a
      className="proof-link"
      href="panel.html"
      target="_blank"
      onClick={(event) => {
        event.preventDefault();
        void openPanel(windowId).finally(() => close());
      }}
    >
      <PanelRight className="icon" aria-hidden="true" />
      {links.panel}
    </a>
  );
}
