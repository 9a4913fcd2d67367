import { useEffect, useState, type ReactNode } from 'react';
import { useMusic } from '../state/use-music.ts';

/** A picture of `cover`, or, without one, a ground whose colour follows from the name. */
export function Cover({
  cover,
  name,
  className = 'cover',
}: {
  readonly cover: string | null;
  readonly name: string;
  readonly className?: string;
}): ReactNode {
  const [, music] = useMusic();
  const [found, setFound] = useState<{ readonly cover: string; readonly url: string } | null>(null);
  useEffect(() => {
    if (cover === null) return;
    let left = false;
    let release = (): void => undefined;
    music.library.cover(cover).then(
      (lease) => {
        if (lease === null) return;
        if (left) lease.release();
        else {
          release = () => lease.release();
          setFound({ cover, url: lease.url });
        }
      },
      // A picture that is not there leaves the ground.
      () => undefined,
    );
    return () => {
      left = true;
      release();
    };
  }, [cover, music]);

  if (cover !== null && found?.cover === cover) {
    return <img className={className} src={found.url} alt="" decoding="async" />;
  }
  let hue = 0;
  for (let i = 0; i < name.length; ++i) hue = (hue * 31 + name.charCodeAt(i)) % 12;
  const letter = new Intl.Segmenter().segment(name).containing(0)?.segment;
  return (
    <span className={`${className} no-cover hue-${hue}`} aria-hidden="true">
      {letter}
    </span>
  );
}
