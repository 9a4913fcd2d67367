/** From the inbox into the history. */
import { OssicleError, type Engine } from 'ossicle';
import type { Inbox, WaitingPlay } from '../background/inbox.ts';
import { verdictOf } from '../rules.ts';

async function listen(engine: Engine, play: WaitingPlay): Promise<void> {
  const verdict = verdictOf(play);
  if (verdict === 'nothing') return;
  const { artist, title, album, startedAt, playedMs, durationMs } = play;
  try {
    await engine.listen({
      track: { artist, title, ...(album !== '' && { album }) },
      startedAt: new Date(startedAt),
      playedMs,
      ...(durationMs !== null && { durationMs }),
      skipped: verdict === 'skip',
      source: 'player',
    });
  } catch (cause) {
    // What the engine does not take now it never will; everything else is tried again.
    if (!(cause instanceof OssicleError) || cause.code !== 'invalid_argument') throw cause;
  }
}

/**
 * Each play leaves the inbox when the engine has stored it. Who is ended in between does it again: the engine knows a play by its song and
 * second, and stores none twice. Rejects when a play cannot be stored now; it stays. How many there were.
 */
export async function drain(inbox: Inbox, engine: Engine): Promise<number> {
  const plays = await inbox.take();
  for (const play of plays) {
    await listen(engine, play);
    await inbox.remove([play.id]);
  }
  return plays.length;
}
