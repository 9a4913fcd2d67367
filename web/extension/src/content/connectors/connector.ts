/** What a site that lacks the Media Session API shows of what it plays. */
export interface Shown {
  readonly artist: string;
  readonly title: string;
  readonly album?: string;
}

export interface Connector {
  /** Hosts and those below them. */
  readonly hosts: readonly string[];
  /** `source`: the address of the media that plays, or empty. */
  now(page: Document, source: string): Shown | null;
}

export function isHostOf(host: string, known: string): boolean {
  return host === known || host.endsWith(`.${known}`);
}

/** A page may be megabytes of text. */
const MOST_LETTERS = 1200;

/** The text of the first of these that has any. */
export function textAt(page: Document, ...selectors: readonly string[]): string {
  for (const selector of selectors) {
    const text = page.querySelector(selector)?.textContent.slice(0, MOST_LETTERS).trim() ?? '';
    if (text !== '') return text;
  }
  return '';
}
