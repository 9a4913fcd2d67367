import type { ReactNode } from 'react';
import { hasContributed } from '../state/contributed.ts';
import { useContributing } from '../state/use-contributing.ts';
import { useSession } from '../state/use-session.ts';
import { useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { ProofLink } from './proof.tsx';

export function Footer(): ReactNode {
  const words = useWords();
  const [{ catalogue, build }] = useSession();
  const [{ kept }] = useContributing();
  return (
    <footer className="bottom">
      <ProofLink>
        <Icon name="lock" />
        {hasContributed(kept) ? words.app.privacy.contributing.footer : words.nothingLeft}
      </ProofLink>
      {catalogue && <p>{words.footer.catalogue(catalogue)}</p>}
      {build && <p>{words.footer.build(build)}</p>}
      <a className="proof-link" href="third-party-notices.txt" target="_blank" rel="noreferrer">
        {words.app.privacy.notices}
      </a>
    </footer>
  );
}
