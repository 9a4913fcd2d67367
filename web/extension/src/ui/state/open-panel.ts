/** What Firefox has in place of a side panel. */
interface Sidebar {
  readonly sidebarAction?: { open(): Promise<void> };
}

/** At the side of the window, or else in a tab. Has to be called while a click is handled. */
export function openPanel(windowId: number | null): Promise<unknown> {
  const { sidePanel } = chrome as { readonly sidePanel?: typeof chrome.sidePanel };
  const inTab = (): Promise<unknown> =>
    chrome.tabs.create({ url: new URL('panel.html', location.href).href });
  if (sidePanel && windowId !== null) return sidePanel.open({ windowId }).catch(inTab);
  const { browser } = globalThis as { readonly browser?: Sidebar };
  if (browser?.sidebarAction) return browser.sidebarAction.open().catch(inTab);
  return inTab();
}
