/** What the profile has learnt, in words: read off the list that it gives. */
import type { Artist, Recommendation, Taste } from './types.ts';

/** Recommendations that are read, and reasons of each. */
export const TASTE_LIST = { limit: 100, reasons: 8 } as const;
/** Of an artist, the tags that fit best. */
const TAGS_READ = 5;

function heaviest<Key>(
  weights: ReadonlyMap<Key, number>,
  limit: number,
): readonly { readonly key: Key; readonly share: number }[] {
  const sum = [...weights.values()].reduce((all, weight) => all + weight, 0);
  return [...weights]
    .map(([key, weight]) => ({ key, share: sum > 0 ? weight / sum : 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, limit);
}

/** A tag weighs by the scores of the recommended artists that have it, the less the further down; an artist by its parts in all of their scores. */
export function tasteOf(items: readonly Recommendation[], tags: number, artists: number): Taste {
  const ofTags = new Map<string, number>();
  const ofArtists = new Map<string, number>();
  const known = new Map<string, Artist>();
  for (const { artist, score, because } of items) {
    artist.tags.slice(0, TAGS_READ).forEach((tag, i) => {
      ofTags.set(tag, (ofTags.get(tag) ?? 0) + Math.max(score, 0) / (i + 1));
    });
    for (const { artist: cause, contribution } of because) {
      known.set(cause.id, cause);
      ofArtists.set(cause.id, (ofArtists.get(cause.id) ?? 0) + Math.max(contribution, 0));
    }
  }
  return {
    tags: heaviest(ofTags, tags).map(({ key, share }) => ({ tag: key, share })),
    artists: heaviest(ofArtists, artists).flatMap(({ key, share }) => {
      const artist = known.get(key);
      return artist ? [{ artist, share }] : [];
    }),
  };
}
