import { useState, type ReactNode } from 'react';
import { problemOf, isAbort } from '../problem.ts';
import { everything, type SaveProgress } from '../state/save-everything.ts';
import { settingsBytes, useSettings } from '../state/settings.ts';
import { useMusic, usePlaylists } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { vectorBytes } from '../state/vectors.ts';
import { useWords } from '../words/use-words.ts';
import { saveFile, today } from './save-file.ts';
import { useAnswer } from './shelf.tsx';

interface Kept {
  readonly files: number;
  readonly bytes: number | null;
}

/** The page's own files that the service worker keeps. */
async function keptFiles(): Promise<Kept> {
  // Some private windows have no caches.
  const names = 'caches' in globalThis ? await caches.keys() : [];
  const opened = await Promise.all(names.map((name) => caches.open(name)));
  const files = (await Promise.all(opened.map((cache) => cache.keys()))).flat();
  const estimate = (await navigator.storage.estimate()) as StorageEstimate & {
    /** Not in every browser. */
    readonly usageDetails?: { readonly caches?: number };
  };
  return { files: files.length, bytes: estimate.usageDetails?.caches ?? null };
}

function Row({
  name,
  text,
  bytes,
}: {
  readonly name: string;
  readonly text?: string;
  readonly bytes: number | null;
}): ReactNode {
  const words = useWords();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{text}</td>
      <td className="numbers">{bytes === null ? '' : words.bytes(bytes)}</td>
    </tr>
  );
}

export function Stored(): ReactNode {
  const words = useWords();
  const [{ profile, revision, sample }] = useSession();
  const [{ revision: changed, counts, sources, encoding }, { library }] = useMusic();
  // Their bytes change with them.
  useSettings();
  const { privacy } = words.app;
  const ofLibrary = useAnswer(`library ${changed}`, () => library.stored());
  const ofVectors = useAnswer(`vectors ${changed} ${encoding === null}`, vectorBytes);
  const files = useAnswer(`files ${revision}`, keptFiles);
  const all = useAnswer(`all ${revision} ${changed}`, async () => {
    const { usage } = await navigator.storage.estimate();
    return usage ?? null;
  });
  if (profile === null) return null;
  const { events, eventsLearntFrom } = profile;
  const history = [
    words.aside.stored(profile),
    words.aside.span(profile),
    eventsLearntFrom < events ? privacy.notLearnt(events - eventsLearntFrom) : '',
  ];
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">{privacy.stored}</h2>
      <table className="stored">
        <tbody>
          {/* The sample is in memory only. */}
          {!sample && (
            <Row name={privacy.history} text={history.join(' ')} bytes={profile.storedBytes} />
          )}
          {ofLibrary && (
            <>
              <Row
                name={privacy.library}
                text={privacy.libraryText(counts.tracks, sources.length)}
                bytes={ofLibrary.tracks.bytes}
              />
              <Row
                name={privacy.covers}
                text={privacy.pictures(ofLibrary.covers.count)}
                bytes={ofLibrary.covers.bytes}
              />
              <Row
                name={privacy.playlists}
                text={privacy.lists(ofLibrary.playlists.count)}
                bytes={ofLibrary.playlists.bytes}
              />
              <Row
                name={privacy.lyrics}
                text={privacy.songs(ofLibrary.lyrics.count)}
                bytes={ofLibrary.lyrics.bytes}
              />
            </>
          )}
          <Row name={privacy.vectors} text={privacy.vectorsText} bytes={ofVectors} />
          <Row name={privacy.settings} text={privacy.settingsText} bytes={settingsBytes()} />
          {files && (
            <Row
              name={privacy.offline}
              text={privacy.offlineText(files.files)}
              bytes={files.bytes}
            />
          )}
          <Row name={privacy.all} bytes={all} />
        </tbody>
      </table>
    </section>
  );
}

/** The whole history and the settings in a file of the person's own. */
export function SaveAll(): ReactNode {
  const words = useWords();
  const [, session] = useSession();
  const [, playlists] = usePlaylists();
  const [saving, setSaving] = useState<{
    readonly progress: SaveProgress;
    readonly stop: AbortController;
  } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { privacy } = words.app;
  const save = async (): Promise<void> => {
    const stop = new AbortController();
    const tell = (progress: SaveProgress): void => setSaving({ progress, stop });
    setProblem(null);
    try {
      saveFile(`ossicle-${today()}.jsonl`, await everything(session, playlists, tell, stop.signal));
    } catch (cause) {
      if (!isAbort(cause)) setProblem(problemOf(cause).message);
    }
    setSaving(null);
  };
  return (
    <div className="offer">
      {saving ? (
        <div className="stop">
          <progress
            aria-label={privacy.save}
            value={saving.progress.done}
            max={Math.max(1, saving.progress.total)}
          />
          <p className="muted numbers">{privacy.saving(saving.progress)}</p>
          <button type="button" className="button" onClick={() => saving.stop.abort()}>
            {privacy.stop}
          </button>
        </div>
      ) : (
        <button type="button" className="button" onClick={() => void save()}>
          {privacy.save}
        </button>
      )}
      <p className="muted">{problem ?? privacy.saveText}</p>
    </div>
  );
}
