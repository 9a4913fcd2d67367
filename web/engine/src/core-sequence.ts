import { NO_ITEM, OslPlaylistItem, OslPlaylistRequest } from './abi.gen.ts';
import type { BundleBytes } from './bundle.ts';
import type { BundleFile, Core } from './core.ts';
import { OssicleError } from './errors.ts';
import { bytesOf, type Parts } from './heap.ts';
import type { Arguments } from './protocol.ts';
import type { PlaylistItem } from './types.ts';

export const MOST_LENGTH = 500;

/** The sequence model of a core, for the catalogue that is open. Every call is synchronous. */
export class CoreSequence {
  readonly #core: Core;
  readonly #sequence: number;
  readonly #room: Parts<'request' | 'curve' | 'out'>;

  /** The file that a sequence's bundle.json names. */
  static file(core: Core, json: Uint8Array, file: string, advice: string): BundleFile {
    return core.onlyFile(json, file, advice, (...all) => core.abi.osl_sequence_file(...all));
  }

  /** `file` names the bundle in an error. */
  constructor(
    core: Core,
    json: Uint8Array,
    { bytes, digest }: BundleBytes,
    file: string,
    advice: string,
  ) {
    this.#core = core;
    const { abi, heap, room } = core;
    const digestAt = core.putDigest(digest);
    // The digest lies where `small` begins, and is read before the handle is written behind it.
    const out = room.small + 32;
    const code = heap.lend(json, (first) =>
      heap.lend(bytes, (second) =>
        abi.osl_sequence_open(
          core.engine,
          first.at,
          first.size,
          second.at,
          second.size,
          digestAt,
          out,
          room.error,
        ),
      ),
    );
    core.check(code, file, advice, file);
    this.#sequence = heap.u32(out);
    this.#room = heap.takeParts({
      request: OslPlaylistRequest.size,
      curve: 4 * MOST_LENGTH,
      out: MOST_LENGTH * OslPlaylistItem.size,
    });
  }

  #row(artistId: string | null, what: string): number {
    if (artistId === null) return NO_ITEM;
    const row = this.#core.find(artistId);
    // Behind the catalogue's rows are artists of the listener's own tracks; the model does not know them.
    if (row < this.#core.items) return row;
    const message = `${what}: the catalogue has no artist ${artistId}.`;
    throw new OssicleError('unknown_item', message, artistId);
  }

  /** A value for each artist of the catalogue, NaN where none is given. */
  #values(ids: readonly string[], values: Float32Array): Float32Array {
    const all = new Float32Array(this.#core.items).fill(Number.NaN);
    ids.forEach((id, i) => {
      const row = this.#core.find(id);
      if (row < all.length) all[row] = values[i] ?? Number.NaN;
    });
    return all;
  }

  write({ length, from, to, curve, ...knobs }: Arguments<'playlist'>): PlaylistItem[] {
    const { abi, heap, room } = this.#core;
    const { request, curve: curveAt, out } = this.#room.at;
    const rows = { from: this.#row(from, 'from'), to: this.#row(to, 'to') };
    this.#core.check(abi.osl_playlist_default(request), 'A playlist');
    heap.view(({ data, bytes }) => {
      const { seed, curveWeight, ...rest } = OslPlaylistRequest.read(data, request);
      OslPlaylistRequest.write(data, request, {
        ...rest,
        ...rows,
        adventure: knobs.adventure ?? rest.adventure,
        pull: knobs.pull ?? rest.pull,
        beams: knobs.beams ?? rest.beams,
        recent: knobs.recent ?? rest.recent,
        seed: knobs.seed === null ? seed : BigInt(knobs.seed),
        curveWeight: curve?.weight ?? curveWeight,
      });
      if (curve !== null) bytes.set(bytesOf(curve.target), curveAt);
    });
    const ask = (valueAt: number): number =>
      abi.osl_playlist_write(
        this.#sequence,
        this.#core.engine,
        request,
        valueAt,
        valueAt === 0 ? 0 : curveAt,
        out,
        length,
        room.error,
      );
    const code =
      curve === null
        ? ask(0)
        : heap.lend(bytesOf(this.#values(curve.ids, curve.values)), ({ at }) => ask(at));
    this.#core.check(code, 'A playlist');
    const items = heap.view(({ data }) =>
      Array.from({ length }, (_, i) => OslPlaylistItem.read(data, out + i * OslPlaylistItem.size)),
    );
    return items.map(({ item, score }) => ({ artist: this.#core.artist(item), score }));
  }
}
