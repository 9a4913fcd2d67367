import { openLibrary } from './library/open-library.ts';
import { openPlayer } from './playback/open-player.ts';
import { openRadio } from './playback/radio.ts';
import { open, openFetching, SNAPSHOTS } from './open-engine.ts';
import { logRequests, WORKER_CHANNEL } from './requests/page-log.ts';
import { registerServiceWorker } from './register-service-worker.ts';
import { fetchOwn } from './sources/fetch.ts';
import { Contributing } from './state/contributing.ts';
import { Music } from './state/music.ts';
import { NewerVectors } from './state/newer-vectors.ts';
import { Session } from './state/session.ts';
import { followOtherTabs, useSettings } from './state/settings.ts';
import './styles/base.css';
import './styles/page.css';
import './styles/list.css';
import './styles/shell.css';
import './styles/pages.css';
import './styles/playlists.css';
import './styles/privacy.css';
import './styles/contributing.css';
import { trustOwnScripts } from './trusted-types.ts';

trustOwnScripts();
followOtherTabs();
logRequests();

const session = new Session(open);
const library = openLibrary({ requests: WORKER_CHANNEL });
const music = new Music(session, {
  library,
  player: (onListen) =>
    openPlayer({
      media: (id) => library.media(id),
      cover: (cover) => library.cover(cover),
      onListen,
      volume: useSettings.getState().volume,
    }),
  radio: (player, more) => openRadio(player, { more }),
});
const server = new URL('sync/', document.baseURI);
const newer = new NewerVectors(session, { openFetching, fetchOwn, server, database: SNAPSHOTS });
const contributing = new Contributing(session, server);
void session.open().then(async () => {
  await Promise.all([music.open(), newer.open(), contributing.open()]);
  // Last: it loads all files once more, to keep them.
  await registerServiceWorker();
});

// Apart from the rest, so that the engine's worker starts before the interface is read, and neither holds the page up for long.
const { draw } = await import('./draw.tsx');
draw(session, music, newer, contributing);
