import type { ReactNode } from 'react';
import type { Library } from '../library/types.ts';
import { useContributing } from '../state/use-contributing.ts';
import { settingsBytes, useSettings } from '../state/settings.ts';
import { useNewerVectors } from '../state/use-newer-vectors.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useMusic } from '../state/use-music.ts';
import { useSession } from '../state/use-session.ts';
import { vectorBytes } from '../state/vectors.ts';
import { useWords } from '../words/use-words.ts';
import { HistoryRow, StoredRow } from './stored-row.tsx';

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

export interface StoredFigures {
  readonly library: Awaited<ReturnType<Library['stored']>> | null;
  readonly vectors: number | null;
  readonly files: Kept | null;
  readonly all: number | null;
}

/**
 * How much is stored; null until all of it is known, so that a page that shows it does not move figure by figure under the hand. A figure
 * that the browser does not tell is null.
 */
export function useStored(): StoredFigures | null {
  const [{ revision }] = useSession();
  const [{ revision: changed, encoding }, { library }] = useMusic();
  return useAnswer(`${revision} ${changed} ${encoding === null}`, async () => {
    const untold = (): null => null;
    const [ofLibrary, vectors, files, all] = await Promise.all([
      library.stored().catch(untold),
      vectorBytes().catch(untold),
      keptFiles().catch(untold),
      navigator.storage.estimate().then(({ usage }) => usage ?? null, untold),
    ]);
    return { library: ofLibrary, vectors, files, all };
  });
}

export function Stored({ stored }: { readonly stored: StoredFigures }): ReactNode {
  const words = useWords();
  const [{ profile, sample }] = useSession();
  const [{ counts, sources }] = useMusic();
  const [{ stored: fetched }] = useNewerVectors();
  const [{ kept }] = useContributing();
  // Their bytes change with them.
  useSettings();
  const { privacy } = words.app;
  const { library, vectors, files, all } = stored;
  if (profile === null) return null;
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">{privacy.stored}</h2>
      <table className="stored">
        <tbody>
          {/* The sample is in memory only. */}
          {!sample && <HistoryRow profile={profile} />}
          {library && (
            <>
              <StoredRow
                name={privacy.library}
                text={privacy.libraryText(counts.tracks, sources.length)}
                bytes={library.tracks.bytes}
              />
              <StoredRow
                name={privacy.covers}
                text={privacy.pictures(library.covers.count)}
                bytes={library.covers.bytes}
              />
              <StoredRow
                name={privacy.playlists}
                text={privacy.lists(library.playlists.count)}
                bytes={library.playlists.bytes}
              />
              <StoredRow
                name={privacy.lyrics}
                text={privacy.songs(library.lyrics.count)}
                bytes={library.lyrics.bytes}
              />
            </>
          )}
          <StoredRow name={privacy.vectors} text={privacy.vectorsText} bytes={vectors} />
          {fetched?.current && (
            <StoredRow
              name={privacy.newerVectors}
              text={privacy.newerVectorsText(
                fetched.current.epoch,
                fetched.previous?.epoch ?? null,
              )}
              bytes={null}
            />
          )}
          {kept !== null && (
            <StoredRow
              name={privacy.contributing.record}
              text={privacy.contributing.recordText(kept.ledger.reports)}
              bytes={null}
            />
          )}
          <StoredRow name={privacy.settings} text={privacy.settingsText} bytes={settingsBytes()} />
          {files && (
            <StoredRow
              name={privacy.offline}
              text={privacy.offlineText(files.files)}
              bytes={files.bytes}
            />
          )}
          <StoredRow name={privacy.all} bytes={all} />
        </tbody>
      </table>
    </section>
  );
}
