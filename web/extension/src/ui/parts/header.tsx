import { Mark } from '@ossicle/player/shared';
import type { ReactNode } from 'react';

export function Header({
  level: Name = 'p',
  children,
}: {
  /** Where the page has no other heading of its own. */
  readonly level?: 'h1' | 'p';
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <header className="top">
      <Name className="brand">
        <Mark />
        Ossicle
      </Name>
      {children}
    </header>
  );
}
