import type { ReactNode } from 'react';
import { useSession } from '../use-session.ts';
import { words } from '../words.ts';
import { Icon, Mark } from './icons.tsx';
import { Proof, ProofLink } from './proof.tsx';

export function Header(): ReactNode {
  return (
    <header className="top">
      <span className="brand">
        <Mark />
        {words.appName}
      </span>
      <ProofLink>
        <Icon name="lock" />
        {words.nothingLeft}
      </ProofLink>
    </header>
  );
}

export function Footer(): ReactNode {
  const [{ catalogue, build }] = useSession();
  return (
    <footer className="bottom">
      <Proof />
      {catalogue && <p>{words.footer.catalogue(catalogue)}</p>}
      {build && <p>{words.footer.build(build)}</p>}
    </footer>
  );
}
