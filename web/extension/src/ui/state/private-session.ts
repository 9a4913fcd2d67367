import { useSettings } from '@ossicle/player/shared';
import { STORAGE } from '../../wire/calls.ts';

/** The background cannot read a page's settings, so the private session is kept where all of us see it; it ends with the browser. */
export async function followPrivateSession(): Promise<void> {
  const { local } = chrome.storage;
  const take = (stored: unknown): void => {
    const privateSession = stored === true;
    if (useSettings.getState().privateSession !== privateSession) {
      useSettings.setState({ privateSession });
    }
  };
  take((await local.get(STORAGE.private))[STORAGE.private]);
  local.onChanged.addListener((changes) => {
    const change = changes[STORAGE.private];
    if (change) take(change.newValue);
  });
  useSettings.subscribe(({ privateSession }, before) => {
    if (privateSession !== before.privateSession) {
      void local.set({ [STORAGE.private]: privateSession });
    }
  });
}
