/** The observers, on the sites that are on and nowhere else. */

const OBSERVER = { id: 'listen', js: ['content.js'], world: 'ISOLATED' } as const;
const PAGE = { id: 'listen-page', js: ['page.js'], world: 'MAIN' } as const;

/** Brings the registered scripts in line with the permissions. */
export async function registerObservers(): Promise<void> {
  const { origins = [] } = await chrome.permissions.getAll();
  const ids = [OBSERVER.id, PAGE.id];
  const there = await chrome.scripting.getRegisteredContentScripts({ ids });
  if (there.length > 0) {
    await chrome.scripting.unregisterContentScripts({ ids: there.map(({ id }) => id) });
  }
  if (origins.length === 0) return;
  await chrome.scripting.registerContentScripts(
    [PAGE, OBSERVER].map(({ id, js, world }) => ({
      ...{ id, js: [...js], world, matches: [...origins], allFrames: true },
      ...{ runAt: 'document_start', persistAcrossSessions: true },
    })),
  );
}

/** Pages of these sites that are open already are listened to from now on. */
export async function observeOpenTabs(origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const tabs = await chrome.tabs.query({ url: [...origins] });
  for (const { id } of tabs) {
    if (id === undefined) continue;
    for (const { js, world } of [PAGE, OBSERVER]) {
      const target = { tabId: id, allFrames: true };
      // A tab that shows an error, or is gone meanwhile, plays nothing.
      await chrome.scripting
        .executeScript({ target, files: [...js], world, injectImmediately: true })
        .catch(() => undefined);
    }
  }
}
