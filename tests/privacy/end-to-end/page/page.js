// What a browser does for one listener after the other, through the public API of the package.
import { openEngine } from './ossicle/index.js';
import { memoryStore } from './ossicle/store/memory.js';

// The engine starts a worker from this origin.
globalThis.trustedTypes?.createPolicy('default', { createScriptURL: (url) => url });

const AT_S = 1_700_000_000;

/** A listen of each artist, as ListenBrainz exports them. */
function listens(artists) {
  const lines = artists.map((artist_name, i) =>
    JSON.stringify({
      listened_at: AT_S + 400 * i,
      track_metadata: { artist_name, track_name: 'a track' },
    }),
  );
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

function open(snapshots) {
  return openEngine({ assets: './assets/', store: memoryStore(), snapshots });
}

const facts = ({ phase, problem, ledger, round }) => ({
  phase,
  problem,
  ledger,
  round: round?.id ?? null,
});

/** Turns contributions on, and lets the moment come that was drawn. */
window.contribute = async (artists, database, server, limits) => {
  const engine = await open(database);
  try {
    await engine.import(listens(artists));
    await engine.contributions.turnOn({ server, limits });
    const planned = await engine.contributions.step();
    if (planned.phase !== 'waiting') return { ...facts(planned), ms: 0 };
    const start = performance.now();
    const sent = await engine.contributions.step({ now: planned.dueAt });
    return { ...facts(sent), ms: performance.now() - start };
  } finally {
    await engine.close();
  }
};

/** What is fetched and verified; the next openEngine with `database` has it. */
window.update = async (database, server) => {
  const engine = await open(database);
  try {
    const { changed, fetchedBytes, totalBytes, current } = await engine.sync.update({ server });
    return { changed, fetchedBytes, totalBytes, epoch: current?.epoch ?? null };
  } finally {
    await engine.close();
  }
};

/** Recall@20 of each question, with the vectors that `database` has. */
window.recall = async (questions, database) => {
  const engine = await open(database);
  try {
    const all = [];
    for (const { known, hidden } of questions) {
      await engine.import(listens(known));
      const { items } = await engine.recommend({ limit: 20, reasons: 0, novelty: 0 });
      const wanted = new Set(hidden);
      const found = items.filter(({ artist }) => wanted.has(artist.name)).length;
      all.push(found / Math.min(20, hidden.length));
      await engine.erase();
    }
    return { epoch: engine.sync.opened?.epoch ?? null, recall: all };
  } finally {
    await engine.close();
  }
};

window.ready = true;
