/** Observes what plays in a frame of a site that was turned on, and tells the background. */
import { Delivery, type Post } from './deliver.ts';
import { DomFrame, after } from './dom-frame.ts';
import { MEDIA_EVENTS, SOUND_EVENT, stateOf, toldOf } from './element.ts';
import { Observer } from './observer.ts';
import { siteSearch } from './site-search.ts';

const post: Post = {
  send: (message) => chrome.runtime.sendMessage(message),
  // Without its extension a content script has no id, though the types know better.
  isGone: () => (chrome as Partial<typeof chrome>).runtime?.id === undefined,
  after,
};

/** Begins to observe; gives what ends it. */
function begin(): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const delivery = new Delivery(post, () => {
    observer.leave();
    ending.abort();
  });
  const frame = new DomFrame((report) => delivery.tell(report));
  const observer = new Observer(frame);

  const onMedia = ({ target, type }: Event) => {
    if (!(target instanceof HTMLMediaElement)) return;
    const state = () => stateOf(target);
    if (type === 'playing') frame.source = target.currentSrc;
    observer.event({ key: target, state }, type === 'emptied');
  };
  const onTold = (event: Event) => {
    const { detail } = event as CustomEvent<unknown>;
    const told = toldOf(detail);
    if (told === null) return;
    const { element, kind, state } = told;
    if (kind === 'session') observer.session();
    else observer.event({ key: element, isTold: true, state: () => state }, kind === 'emptied');
  };
  const onLeave = () => {
    if (signal.aborted) return;
    observer.leave();
    delivery.flush();
    ending.abort();
  };
  const options = { capture: true, passive: true, signal };
  for (const kind of MEDIA_EVENTS) document.addEventListener(kind, onMedia, options);
  document.addEventListener(SOUND_EVENT, onTold, options);
  window.addEventListener('pagehide', onLeave, options);

  const greet = () => delivery.hello({ kind: 'hello', search: siteSearch(document) });
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', greet, { once: true, signal });
  } else greet();
  return onLeave;
}

/** An observer may be there already, of the extension before it was updated or of the site before it was turned off. */
const world = globalThis as { ossicleEnds?: () => void };
world.ossicleEnds?.();
let end = begin();
// From the cache of pages that were left, it comes back as it was.
const onShow = ({ persisted }: PageTransitionEvent) => {
  if (persisted) end = begin();
};
window.addEventListener('pageshow', onShow);
world.ossicleEnds = () => {
  window.removeEventListener('pageshow', onShow);
  end();
};
