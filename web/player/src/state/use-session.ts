import { createContext, use, useSyncExternalStore } from 'react';
import type { Session, State } from './session.ts';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): readonly [State, Session] {
  const session = use(SessionContext);
  if (session === null) throw new Error('no session around this part');
  return [useSyncExternalStore(session.subscribe, session.state), session];
}
