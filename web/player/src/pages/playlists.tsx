import { useEffect, type ReactNode } from 'react';
import { usePlaylists } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';
import { OpenFile } from './playlist-files.tsx';
import { Maker } from './playlist-maker.tsx';
import { Saved, Undo } from './playlist-shelf.tsx';
import { View } from './playlist-view.tsx';

export function Playlists(): ReactNode {
  const words = useWords();
  const [{ open }] = usePlaylists();
  const { playlists } = words.app;
  useEffect(() => {
    document.title = `${playlists.title} · ${words.appName}`;
  }, [playlists, words]);
  return (
    <>
      <h1>{playlists.title}</h1>
      <p className="lead">{playlists.lead}</p>
      <div className="playlist-columns">
        <Maker />
        {open === null ? (
          <p className="open-none muted">{playlists.empty}</p>
        ) : (
          <View list={open} />
        )}
        <div className="playlist-side">
          <Saved />
          <OpenFile />
        </div>
      </div>
      <Undo />
    </>
  );
}
