import { Switch, useSettings } from '@ossicle/player/shared';
import type { ReactNode } from 'react';
import { useOwnWords } from '../words/use-own-words.ts';

/** An entry of a list of switches. */
export function PrivateSwitch(): ReactNode {
  const words = useOwnWords();
  const { privateSession, set } = useSettings();
  return (
    <Switch
      label={words.private.label}
      text={words.private.text}
      on={privateSession}
      onChange={(on) => set({ privateSession: on })}
    />
  );
}
