/**
 * The background: a service worker in Chromium, an event page in Firefox. It may be ended at any moment, so it answers when something is
 * written and holds nothing itself. Listeners are added at once: an event that starts it finds them.
 */
import { STORAGE, type PageMessage } from '../wire/calls.ts';
import type { ObserverAnswer } from '../wire/plays.ts';
import { haveHome } from './home.ts';
import { Inbox } from './inbox.ts';
import { TabNotes } from './notes.ts';
import { Observed, type Sender } from './observed.ts';
import { observeOpenTabs, registerObservers } from './scripts.ts';

const BADGE = { text: 'II', color: '#5b6472' } as const;

const inbox = new Inbox();
const notes = new TabNotes();
const observed = new Observed(inbox, notes);

/** In the first moments of the browser, or of another version: observers of before can tell nothing any more, so what they told of is over. */
async function beginRun(): Promise<void> {
  const stored = await chrome.storage.session.get(STORAGE.run);
  if (stored[STORAGE.run] === true) return;
  await observed.ended({});
  await chrome.storage.session.set({ [STORAGE.run]: true });
}

/** Nothing that a new observer tells is taken for something of the run before. */
const begun = beginRun();

/** A private session can be seen without opening anything. */
async function showPrivate(): Promise<void> {
  const stored = await chrome.storage.local.get(STORAGE.private);
  const isOn = stored[STORAGE.private] === true;
  await chrome.action.setBadgeText({ text: isOn ? BADGE.text : '' });
  await chrome.action.setBadgeBackgroundColor({ color: BADGE.color });
}

async function ofPage({ kind }: PageMessage): Promise<void> {
  if (kind === 'home') await haveHome();
  if (kind === 'forget') await Promise.all([inbox.forget(), notes.clear()]);
}

function senderOf({ tab, frameId, url }: chrome.runtime.MessageSender): Sender | null {
  if (tab?.id === undefined || frameId === undefined || url === undefined) return null;
  return { place: { tab: tab.id, frame: frameId }, url, incognito: tab.incognito };
}

chrome.runtime.onMessage.addListener((message: unknown, from, answer) => {
  const isOurs = from.url?.startsWith(chrome.runtime.getURL('')) ?? false;
  const sender = senderOf(from);
  const work: Promise<ObserverAnswer | undefined> = isOurs
    ? ofPage(message as PageMessage).then(() => 'kept')
    : sender === null
      ? Promise.resolve('stop')
      : begun.then(() => observed.take(message, sender));
  // Without an answer the observer tells it again.
  work.then(answer, (cause: unknown) => {
    reportError(cause);
    answer(undefined);
  });
  return true;
});

chrome.tabs.onRemoved.addListener((tab) => {
  void observed.ended({ tab }, Date.now());
  void notes.change(({ now, searches: { [tab]: _gone, ...searches } }) => ({
    now: now.filter(({ tabId }) => tabId !== tab),
    searches,
  }));
});

chrome.permissions.onAdded.addListener(({ origins = [] }) => {
  void registerObservers().then(() => observeOpenTabs(origins));
});

chrome.permissions.onRemoved.addListener(() => {
  void registerObservers();
});

chrome.storage.onChanged.addListener((changes, area) => {
  if (area === 'local' && STORAGE.private in changes) void showPrivate();
});

chrome.runtime.onStartup.addListener(() => {
  void registerObservers();
  // A private session ends with the browser.
  void chrome.storage.local.remove(STORAGE.private).then(showPrivate);
});

/** Installed or updated: pages that are open get observers of this version. */
chrome.runtime.onInstalled.addListener(() => {
  void registerObservers().then(async () => {
    const { origins = [] } = await chrome.permissions.getAll();
    await observeOpenTabs(origins);
  });
  void showPrivate();
});
