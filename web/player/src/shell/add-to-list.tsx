import { ListPlus } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import {
  Button,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components';
import type { Track } from '../library/types.ts';
import { usePlaylists } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

const SAID_MS = 4000;

/** Puts what plays at the end of a playlist. */
export function AddToList({ track }: { readonly track: Track }): ReactNode {
  const words = useWords();
  const [{ saved }, lists] = usePlaylists();
  const [said, setSaid] = useState('');
  const { playlists } = words.app;
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const add = async (key: string): Promise<void> => {
    const list = saved.find(({ id }) => id === key) ?? track.title;
    const done = await lists.add(track, list);
    if (done) setSaid(playlists.added(typeof list === 'string' ? list : list.title));
  };
  return (
    <span className="add-to-list">
      <MenuTrigger>
        <Button className="icon-button" aria-label={playlists.add}>
          <ListPlus className="icon" aria-hidden="true" />
        </Button>
        <Popover className="end-popover" placement="top">
          <Menu className="end-list" onAction={(key) => void add(String(key))}>
            <MenuItem id="new" className="menu-item">
              {playlists.addNew}
            </MenuItem>
            {saved.length > 0 && <Separator className="menu-line" />}
            <MenuSection items={saved}>
              {({ id, title }) => (
                <MenuItem id={id} textValue={title} className="menu-item">
                  <bdi>{title}</bdi>
                </MenuItem>
              )}
            </MenuSection>
          </Menu>
        </Popover>
      </MenuTrigger>
      <span className="added muted" role="status">
        {said}
      </span>
    </span>
  );
}
