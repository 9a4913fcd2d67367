import { Erase, useSession } from '@ossicle/player/shared';
import { useState, type ReactNode } from 'react';
import { eraseHere } from '../state/erase-here.ts';
import { useOwnWords } from '../words/use-own-words.ts';

export function EraseHere(): ReactNode {
  const { privacy } = useOwnWords();
  const [{ erased }, session] = useSession();
  const [failed, setFailed] = useState(false);
  const erase = async (): Promise<void> => {
    try {
      await eraseHere(session);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      {/* Another one: what was asked twice is done. */}
      <Erase key={String(erased)} sure={privacy.eraseSure} onErase={() => void erase()} />
      {failed && <p role="alert">{privacy.eraseFailed}</p>}
    </>
  );
}
