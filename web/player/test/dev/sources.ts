/** Gives tests in a real browser what the page has of library and player. */
import { openLibrary } from '../../src/library/open-library.ts';
import { openPlayer } from '../../src/playback/open-player.ts';
import { openRadio } from '../../src/playback/radio.ts';
import { trustOwnScripts } from '../../src/trusted-types.ts';

trustOwnScripts();
const base = new URL('/', location.href);
await navigator.serviceWorker.register(new URL('service-worker.js', base));

const rig = { library: openLibrary({ base: base }), openPlayer, openRadio };
export type Rig = typeof rig;

Object.assign(globalThis, { rig });
