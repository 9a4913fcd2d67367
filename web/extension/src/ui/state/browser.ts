/** What the browser knows and the parts draw: what plays, which sites are on, which tab is in view. Followed for as long as the page lives. */
import { useSyncExternalStore } from 'react';
import { grantedSites, onSitesChanged, siteOf } from '../../sites.ts';
import { STORAGE, type NowPlaying } from '../../wire/calls.ts';
import { Cell } from './cell.ts';

export interface TabInView {
  readonly tabId: number | null;
  readonly windowId: number | null;
  /** null: closed to extensions, or its address is not ours to see. */
  readonly site: string | null;
}

const now = new Cell<readonly NowPlaying[]>([]);
const sites = new Cell<readonly string[]>([]);
const tab = new Cell<TabInView>({ tabId: null, windowId: null, site: null });

async function readNow(): Promise<void> {
  const stored = await chrome.storage.session.get(STORAGE.now);
  now.set((stored[STORAGE.now] as readonly NowPlaying[] | undefined) ?? []);
}

async function readSites(): Promise<void> {
  sites.set(await grantedSites());
}

async function readTab(): Promise<void> {
  const [found] = await chrome.tabs.query({ active: true, currentWindow: true });
  tab.set({
    tabId: found?.id ?? null,
    windowId: found?.windowId ?? null,
    site: siteOf(found?.url ?? ''),
  });
}

/** Resolves when all of it is known, so that no page is drawn twice at once. Call it once. */
export async function followBrowser(): Promise<void> {
  chrome.storage.session.onChanged.addListener((changes) => {
    if (STORAGE.now in changes) void readNow();
  });
  onSitesChanged(() => void readSites());
  // A panel stays while tabs change.
  chrome.tabs.onActivated.addListener(() => void readTab());
  chrome.tabs.onUpdated.addListener((_id, { url, status }) => {
    if (url !== undefined || status === 'complete') void readTab();
  });
  await Promise.all([readNow(), readSites(), readTab()]);
}

export const useNow = (): readonly NowPlaying[] => useSyncExternalStore(now.subscribe, now.get);
export const useSites = (): readonly string[] => useSyncExternalStore(sites.subscribe, sites.get);
export const useTab = (): TabInView => useSyncExternalStore(tab.subscribe, tab.get);
