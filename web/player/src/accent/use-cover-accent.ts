import { useEffect, useState, useSyncExternalStore } from 'react';
import { useSettings } from '../state/settings.ts';
import { useMusic, usePlayer } from '../state/use-music.ts';
import { accentOf, hueOf, type Hue } from './accent.ts';

/** So many pixels across say enough. */
const SIDE = 24;

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function useTheme(): 'light' | 'dark' {
  const chosen = useSettings((settings) => settings.theme);
  const dark = useSyncExternalStore(
    (listener) => {
      systemIsDark.addEventListener('change', listener);
      return () => systemIsDark.removeEventListener('change', listener);
    },
    () => systemIsDark.matches,
  );
  if (chosen !== 'auto') return chosen;
  return dark ? 'dark' : 'light';
}

async function hueOfPicture(url: string): Promise<Hue | null> {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return null;
  pen.drawImage(picture, 0, 0, SIDE, SIDE);
  return hueOf(pen.getImageData(0, 0, SIDE, SIDE).data);
}

/** The page's accent is that of the cover of what plays; without one it is the page's own. */
export function useCoverAccent(): void {
  const [, { library }] = useMusic();
  const cover = usePlayer().current?.track.cover ?? null;
  const theme = useTheme();
  const [found, setFound] = useState<{ readonly cover: string; readonly hue: Hue | null }>();

  useEffect(() => {
    if (cover === null) return;
    let left = false;
    const read = async (): Promise<void> => {
      using lease = await library.cover(cover);
      const hue = lease ? await hueOfPicture(lease.url) : null;
      if (!left) setFound({ cover, hue });
    };
    // A picture that cannot be read has no say.
    read().catch(() => undefined);
    return () => {
      left = true;
    };
  }, [cover, library]);

  const hue = cover !== null && found?.cover === cover ? found.hue : null;
  useEffect(() => {
    if (hue === null) return;
    const { style } = document.documentElement;
    const { accent, soft, onAccent } = accentOf(hue, theme);
    style.setProperty('--accent', accent);
    style.setProperty('--accent-soft', soft);
    style.setProperty('--on-accent', onAccent);
    return () => {
      for (const name of ['--accent', '--accent-soft', '--on-accent']) style.removeProperty(name);
    };
  }, [hue, theme]);
}
