/** Sees to it that the engine has its home: an offscreen document in Chromium, this very page in Firefox. */
import { INBOX_CHANNEL } from '../wire/calls.ts';

const HOME_PAGE = 'home.html';
/** So many plays are worth starting the engine for; fewer wait until somebody looks. */
const WORTH_WAKING = 25;

type Offscreen = typeof chrome.offscreen;

let making: Promise<void> | null = null;

async function hasOffscreenHome(): Promise<boolean> {
  const contexts = await chrome.runtime.getContexts({
    contextTypes: [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT],
  });
  return contexts.length > 0;
}

async function makeOffscreenHome({ createDocument, Reason }: Offscreen): Promise<void> {
  if (await hasOffscreenHome()) return;
  await createDocument({
    url: HOME_PAGE,
    reasons: [Reason.WORKERS],
    justification: 'The recommender computes in a worker, which a service worker cannot have.',
  });
}

async function makeHomeHere(): Promise<void> {
  // Firefox only: a service worker may not import when it runs.
  const { startHome } = await import('../engine/home.ts');
  startHome();
}

/** Resolves when the home listens. */
export function haveHome(): Promise<void> {
  // Not in every browser, whatever its type says.
  const { offscreen } = chrome as { readonly offscreen?: Offscreen };
  making ??= (offscreen ? makeOffscreenHome(offscreen) : makeHomeHere()).finally(() => {
    making = null;
  });
  return making;
}

/** Plays wait. Tells a home that is there, and makes one when there are many. */
export async function tellOfInbox(waiting: number): Promise<void> {
  if (waiting === 0) return;
  if (waiting >= WORTH_WAKING) await haveHome();
  const channel = new BroadcastChannel(INBOX_CHANNEL);
  channel.postMessage(waiting);
  channel.close();
}
