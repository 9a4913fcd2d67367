import { textAt, type Connector, type Shown } from './connector.ts';

export const freeMusicArchive: Connector = {
  hosts: ['freemusicarchive.org'],
  now(page): Shown | null {
    const title = textAt(page, '.c-player__container .c-song__title', '.c-song__title');
    const artist = textAt(page, '.c-player__container .c-song__artist', '.c-song__artist');
    return title === '' ? null : { artist, title };
  },
};
