import { textAt, type Connector, type Shown } from './connector.ts';

const MOST_LETTERS = 500_000;

interface Entry {
  readonly title?: unknown;
  readonly artist?: unknown;
  readonly sources?: unknown;
}

/** The page keeps the list of its player in a hidden field. */
function entriesOf(page: Document): readonly Entry[] {
  const list = page.querySelector<HTMLInputElement>('input.js-play8-playlist')?.value ?? '';
  if (list.length > MOST_LETTERS) return [];
  try {
    const entries: unknown = JSON.parse(list);
    return Array.isArray(entries) ? (entries as Entry[]).filter((entry) => Boolean(entry)) : [];
  } catch {
    return [];
  }
}

/** A file goes by many servers and encodings; its name without the ending is the same in all. */
function nameOf(address: string): string {
  const path = address.split(/[?#]/u)[0] ?? '';
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/u, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function plays({ sources }: Entry, name: string): boolean {
  return (
    Array.isArray(sources) &&
    (sources as { readonly file?: unknown }[]).some(
      (source) => typeof source.file === 'string' && nameOf(source.file) === name,
    )
  );
}

function unnumbered(title: string): string {
  return title.replace(/^\d{1,3}\s*(?:[.)]|\s-)\s+/u, '');
}

export const archive: Connector = {
  hosts: ['archive.org'],
  now(page, source): Shown | null {
    const creator = textAt(page, '[itemprop="creator"]', '.item-details-metadata > dl > dd a');
    const album = textAt(page, '[itemprop="name"]');
    const entry = entriesOf(page).find((one) => plays(one, nameOf(source)));
    const listed = typeof entry?.title === 'string' ? entry.title : '';
    const row = '.jwrowV2.playing .ttl';
    const title = listed || textAt(page, row, '.audio-track-list .selected .track-title');
    if (title === '') return null;
    const artist = typeof entry?.artist === 'string' ? entry.artist : '';
    return { artist: artist || creator, title: unnumbered(title), album };
  },
};
