import {
  EyeOff,
  Heart,
  House,
  Library,
  ListMusic,
  Lock,
  Search,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, NavLink } from 'react-router';
import { Mark } from '../parts/icons.tsx';
import { useSettings } from '../state/settings.ts';
import { useWords } from '../words/use-words.ts';

const PAGES = [
  { to: '/', name: 'home', icon: House },
  { to: '/library', name: 'library', icon: Library },
  { to: '/search', name: 'search', icon: Search },
  { to: '/playlists', name: 'playlists', icon: ListMusic },
  { to: '/taste', name: 'taste', icon: Heart },
  { to: '/privacy', name: 'privacy', icon: Lock },
] as const satisfies readonly { to: string; name: string; icon: LucideIcon }[];

/** The pages: a rail at the side, on a phone a bar at the bottom. */
export function Rail(): ReactNode {
  const words = useWords();
  const isPrivate = useSettings((settings) => settings.privateSession);
  return (
    <header className="rail">
      <span className="brand">
        <Mark />
        <span>{words.appName}</span>
      </span>
      <nav aria-label={words.app.nav.label}>
        <ul>
          {PAGES.map(({ to, name, icon: PageIcon }) => (
            <li key={to}>
              <NavLink to={to} end={to === '/'}>
                <PageIcon className="icon" aria-hidden="true" />
                <span>{words.app.nav[name]}</span>
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      {isPrivate && (
        <Link className="private-badge" to="/privacy">
          <EyeOff className="icon" aria-hidden="true" />
          {words.app.privacy.private}
        </Link>
      )}
    </header>
  );
}
