import { forgetSettings, useSettings, type Session } from '@ossicle/player/shared';
import { STORAGE, type PageMessage } from '../../wire/calls.ts';

/** All that the extension stores but the sites, which the browser keeps. Rejects before anything was erased when the background does not answer. */
export async function eraseHere(session: Session): Promise<void> {
  // First: what waits would else come into the new history.
  const answer: unknown = await chrome.runtime.sendMessage({
    kind: 'forget',
  } satisfies PageMessage);
  if (answer === undefined) throw new Error('The background could not forget.');
  await session.erase();
  useSettings.setState({ privateSession: false });
  await chrome.storage.local.remove(STORAGE.private);
  forgetSettings();
}
