/** An engine made of constants, for work on the page's looks: `npm run dev -w player -- --mode fake`. Never shipped. */
import type {
  Artist,
  Engine,
  FeedbackKind,
  ImportReport,
  Learning,
  LoadProgress,
  Reason,
} from 'ossicle';
import { FakeContributions } from '../support/fake-contributions.ts';

const NAMES = [
  'Thom Yorke',
  'Tricky',
  'Lamb',
  'Morcheeba',
  'múm',
  'Low',
  'Slowdive',
  'The Notwist',
];
const TAGS = ['trip-hop', 'electronic', 'downtempo', 'dream pop'];
const DAY = 86_400_000;

function artist(name: string, i: number): Artist {
  return { id: name.padEnd(32, '0'), name, tags: TAGS.slice(i % 3), listeners: 900 - 40 * i };
}

const heard = ['Radiohead', 'Portishead', 'Massive Attack', 'Björk'].map(artist);
const all = Array.from({ length: 26 }, (_, i) => {
  const name = NAMES[i % NAMES.length] ?? '';
  return artist(i < NAMES.length ? name : `${name} ${Math.floor(i / NAMES.length) + 1}`, i);
});

const reasons: readonly Reason[] = heard.map((each, i) => ({
  artist: each,
  contribution: 0.4 / (i + 1),
  ifRemoved: 0.3 / (i + 1),
  sharedTags: [],
  plays: 212 - 60 * i,
  firstPlayedAt: new Date(Date.now() - 900 * DAY),
  lastPlayedAt: new Date(Date.now() - 20 * i * DAY),
  loved: i === 2,
}));

export const SNAPSHOTS = 'ossicle-fake';

export const openFetching = (): Promise<Engine> => open('memory', () => undefined);

const contributions = new FakeContributions(Date.now, [
  new URL('sync/', document.baseURI).href,
  new URL('sync/b/', document.baseURI).href,
]);

export function open(
  _kept: 'device' | 'memory',
  onProgress: (progress: LoadProgress) => void,
): Promise<Engine> {
  let events = 0;
  let learning: Learning = { plays: true, choices: true, imported: true };
  const flags = new Map<string, FeedbackKind>();
  const flagged = (kind: FeedbackKind): Artist[] => all.filter(({ id }) => flags.get(id) === kind);
  onProgress({ loadedBytes: 1, totalBytes: 1 });

  const close = (): Promise<void> => Promise.resolve();
  return Promise.resolve({
    build: { variant: 'simd', reason: 'made of constants' },
    sync: null,
    contributions,
    catalogue: {
      artists: 17_632,
      factors: 64,
      name: 'fake',
      licence: 'Non-commercial use only',
      source: 'Made up',
    },
    listen: () => Promise.resolve({ matched: true, duplicate: false }),
    async import(_file, { onProgress: tell, signal } = {}): Promise<ImportReport> {
      for (let i = 1; i <= 40; ++i) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        signal?.throwIfAborted();
        events = i * 125;
        tell?.({ readBytes: i * 1e5, totalBytes: 4e6, listens: events, matched: i * 120 });
      }
      return {
        format: 'listenbrainz',
        estimatedDates: 0,
        listens: 5000,
        added: 4980,
        duplicates: 20,
        matchedListens: 4812,
        artists: 312,
        matchedArtists: 284,
        unmatchedArtists: [{ name: '<b>Nick & Cave</b><script>', listens: 61 }],
        problems: [{ kind: 'bad_record', count: 3, firstLine: 12 }],
      };
    },
    recommend: () =>
      Promise.resolve({
        basis: 'history',
        mark: 0,
        items: all
          .filter(({ id }) => (flags.get(id) ?? 'clear') === 'clear')
          .slice(0, 20)
          .map((each, i) => ({ artist: each, score: 0.9 - i / 40, because: reasons.slice(i % 3) })),
      }),
    shown: () => Promise.resolve(),
    explain: (id) => {
      const found = all.find((each) => each.id === id) ?? artist(id, 0);
      return Promise.resolve({ artist: found, score: 0.9, because: reasons });
    },
    feedback(id, kind) {
      flags.set(id, kind);
      return Promise.resolve();
    },
    flagged: (kind) => Promise.resolve(flagged(kind)),
    embed: (texts) => Promise.resolve(texts.map(() => Float32Array.of(1))),
    style: (given: string | readonly string[]) =>
      Promise.resolve(typeof given === 'string' ? [] : given.map(() => [])) as never,
    createIndex: (documents) =>
      Promise.resolve({
        documents: documents.length,
        by: 'words',
        search: () => Promise.resolve([]),
        close,
        [Symbol.asyncDispose]: close,
      }),
    search: () => Promise.resolve({ items: [], by: 'words' }),
    prepareSearch: () => Promise.resolve(),
    library: {
      size: 0,
      add: () => Promise.resolve({ added: 0 }),
      remove: () => Promise.resolve({ removed: 0 }),
      recommend: () => Promise.resolve([]),
      similar: () => Promise.resolve([]),
      explain: () => Promise.reject(new Error('There is no track.')),
      playlist: () => Promise.resolve([]),
      energy: () => Promise.resolve(new Map()),
      vectorCount: 0,
      vectors: () => new Uint8Array(),
      vectorOf: () => null,
      clear: close,
    },
    playlist: () => Promise.resolve([]),
    energy: () => Promise.resolve(new Map()),
    taste: () => Promise.resolve({ tags: [], artists: [] }),
    profile: () =>
      Promise.resolve({
        events,
        eventsLearntFrom: learning.imported ? events : 0,
        eventsInCatalogue: Math.floor(events * 0.96),
        artists: 284,
        loved: flagged('love').length,
        banned: flagged('ban').length,
        storedBytes: events * 90,
        firstEventAt: new Date(Date.now() - 900 * DAY),
        lastEventAt: new Date(),
      }),
    get learning() {
      return learning;
    },
    setLearning(change) {
      learning = { ...learning, ...change };
      return Promise.resolve();
    },
    history: {
      query: () => Promise.resolve({ entries: [], total: 0, next: null }),
      edit: () => Promise.reject(new Error('The fake has no history.')),
      delete: () => Promise.resolve({ deleted: 0 }),
    },
    export: () => new Blob(['']).stream(),
    requests: () => Promise.resolve([]),
    erase() {
      events = 0;
      flags.clear();
      return Promise.resolve();
    },
    onChange: () => () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  });
}
