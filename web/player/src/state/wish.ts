/** How a list is to be. */

/** Where a list begins or ends: a track or an artist of the library, or an artist of the catalogue. */
export interface End {
  /** Of a track or of an artist of the catalogue; of an artist of the library the name. */
  readonly id: string;
  readonly kind: 'track' | 'artist';
  readonly name: string;
  readonly detail: string;
}

/** What the mood curve wants, from calm (0) to lively (1), at evenly spaced places of the list. */
export const SHAPES = {
  calm: [0.1, 0.1, 0.1, 0.1, 0.1],
  lively: [0.9, 0.9, 0.9, 0.9, 0.9],
  rising: [0.05, 0.3, 0.5, 0.7, 0.95],
  falling: [0.95, 0.7, 0.5, 0.3, 0.05],
  arc: [0.1, 0.6, 0.95, 0.6, 0.1],
} as const;
export type Shape = keyof typeof SHAPES;

export interface Wish {
  /** Of one's own tracks or of artists; null: of one's own, as long as there are any. */
  readonly of: 'tracks' | 'artists' | null;
  readonly tracks: { readonly from: End | null; readonly to: End | null };
  readonly artists: { readonly from: End | null; readonly to: End | null };
  readonly length: number;
  readonly adventure: number;
  readonly seed: number;
  /** null: the mood goes as it comes. */
  readonly curve: readonly number[] | null;
}

const NO_ENDS = { from: null, to: null } as const;
export const START_WISH: Wish = {
  of: null,
  tracks: NO_ENDS,
  artists: NO_ENDS,
  length: 20,
  adventure: 0.3,
  seed: 0,
  curve: null,
};

export function shapeOf(curve: readonly number[]): Shape | null {
  const names = Object.keys(SHAPES) as Shape[];
  return names.find((name) => SHAPES[name].every((value, i) => value === curve[i])) ?? null;
}
