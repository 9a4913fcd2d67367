/** The sites that the person turned on: those are the host permissions that the browser holds for us, and nothing else keeps a list. */

/** Where browsers let no extension in. */
const CLOSED = new Set(['chromewebstore.google.com', 'addons.mozilla.org']);

/** Scheme and host of an address, which is what can be turned on; null: it cannot. Ports are not told apart: not every browser does. */
export function siteOf(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) return null;
  if (parsed.hostname === '' || CLOSED.has(parsed.hostname)) return null;
  return `${parsed.protocol}//${parsed.hostname}`;
}

/** The match pattern of a site. */
export function patternOf(site: string): string {
  return `${site}/*`;
}

/** Sites that are on, in alphabetical order; as match patterns without their path, should the browser's own pages have let more in. */
export async function grantedSites(): Promise<readonly string[]> {
  const { origins = [] } = await chrome.permissions.getAll();
  return origins.map((pattern) => pattern.replace(/\/\*$/, '')).toSorted();
}

export function isGranted(site: string): Promise<boolean> {
  return chrome.permissions.contains({ origins: [patternOf(site)] });
}

/** Asks the person. Has to be called while a click is handled. */
export function turnOn(site: string): Promise<boolean> {
  return chrome.permissions.request({ origins: [patternOf(site)] });
}

export async function turnOff(site: string): Promise<void> {
  await chrome.permissions.remove({ origins: [patternOf(site)] });
}

/** Returns a function that stops it. */
export function onSitesChanged(listener: () => void): () => void {
  chrome.permissions.onAdded.addListener(listener);
  chrome.permissions.onRemoved.addListener(listener);
  return () => {
    chrome.permissions.onAdded.removeListener(listener);
    chrome.permissions.onRemoved.removeListener(listener);
  };
}
