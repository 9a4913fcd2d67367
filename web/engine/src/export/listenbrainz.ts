/** Plays as ListenBrainz takes and gives them: JSON lines. */
import type { StoredEvent } from '../types.ts';

const CLIENT = 'Ossicle';

/** One line with its end; of what is no play: nothing. */
export function listenBrainzLine(event: StoredEvent): string {
  const { kind, at, artist, title, album, playedMs, durationMs } = event;
  if (kind !== 'play') return '';
  const listen = {
    listened_at: at,
    track_metadata: {
      artist_name: artist,
      // ListenBrainz requires a name of each track.
      track_name: title ?? '',
      ...(album !== undefined && { release_name: album }),
      additional_info: {
        media_player: CLIENT,
        submission_client: CLIENT,
        ...(durationMs !== undefined && { duration_ms: Math.round(durationMs) }),
        ...(playedMs !== undefined && { duration_played: Math.round(playedMs / 1000) }),
      },
    },
  };
  return `${JSON.stringify(listen)}\n`;
}
