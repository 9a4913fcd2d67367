import { Disc3, FolderOpen, Server } from 'lucide-react';
import { lazy, Suspense, useId, useRef, useState, type ReactNode } from 'react';
import { useMusic } from '../state/use-music.ts';
import { useWords } from '../words/use-words.ts';

const ServerForm = lazy(async () => ({ default: (await import('./server-form.tsx')).ServerForm }));

type PickDirectory = (options: { id: string; mode: 'read' }) => Promise<FileSystemDirectoryHandle>;

/** Three ways to music: a folder, a server, the demo album. */
export function AddMusic({ large = false }: { readonly large?: boolean }): ReactNode {
  const words = useWords();
  const [{ scanning, sources }, music] = useMusic();
  const [asking, setAsking] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const id = useId();
  const { start, library } = words.app;

  const chooseFolder = async (): Promise<void> => {
    const pick = (globalThis as { showDirectoryPicker?: PickDirectory }).showDirectoryPicker;
    if (!pick) {
      files.current?.click();
      return;
    }
    let handle: FileSystemDirectoryHandle;
    try {
      handle = await pick({ id: 'music', mode: 'read' });
    } catch {
      return; // the person closed the dialog
    }
    await music.addFolder(handle);
  };

  const busy = scanning !== null;
  const hasDemo = sources.some(({ kind }) => kind === 'demo');
  return (
    <div className={large ? 'add-music large' : 'add-music'}>
      <button
        type="button"
        className="choice"
        disabled={busy}
        aria-describedby={`${id}-folder`}
        onClick={() => void chooseFolder()}
      >
        <FolderOpen className="icon" aria-hidden="true" />
        <span>{large ? start.folder : library.addFolder}</span>
      </button>
      <button
        type="button"
        className="choice"
        disabled={busy}
        aria-describedby={`${id}-server`}
        onClick={() => setAsking(true)}
      >
        <Server className="icon" aria-hidden="true" />
        <span>{large ? start.server : library.addServer}</span>
      </button>
      {!hasDemo && (
        <button
          type="button"
          className="choice"
          disabled={busy}
          aria-describedby={`${id}-demo`}
          onClick={() => void music.addDemo()}
        >
          <Disc3 className="icon" aria-hidden="true" />
          <span>{large ? start.demo : library.addDemo}</span>
        </button>
      )}
      {large && (
        <>
          <p id={`${id}-folder`}>{start.folderText}</p>
          <p id={`${id}-server`}>{start.serverText}</p>
          {!hasDemo && <p id={`${id}-demo`}>{start.demoText}</p>}
        </>
      )}
      <input
        ref={files}
        type="file"
        className="unseen"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        {...{ webkitdirectory: '' }}
        onChange={({ target }) => {
          if (target.files && target.files.length > 0) void music.addFiles([...target.files]);
          target.value = '';
        }}
      />
      {asking && (
        <Suspense>
          <ServerForm isOpen onOpenChange={setAsking} />
        </Suspense>
      )}
    </div>
  );
}
