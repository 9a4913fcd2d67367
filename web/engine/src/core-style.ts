import { OslStyleHit, OslStyleInfo, OslStyleLabel } from './abi.gen.ts';
import type { BundleFile, Core } from './core.ts';
import { bytesOf, type Parts } from './heap.ts';
import type { StyleKind, StyleLabel } from './types.ts';

/** Index = ossicle::StyleKind. */
const KINDS: readonly StyleKind[] = ['genre', 'mood', 'instrument'];
const NO_LABEL = 0xffffffff;
const NAME_BYTES = 1024;

export interface StyleQuery {
  readonly kinds: readonly StyleKind[];
  readonly least: number;
  /** Of each kind. */
  readonly limit: number;
}

/** The style model of a core, for vectors of one encoder. Every call is synchronous. */
export class CoreStyle {
  /** Numbers in a vector that it takes. */
  readonly dimensions: number;
  readonly #core: Core;
  readonly #style: number;
  readonly #labels: readonly { readonly name: string; readonly parent: number }[];
  readonly #room: Parts<'vector' | 'hits'>;

  /** The file that a style's bundle.json names. */
  static file(core: Core, json: Uint8Array, file: string, advice: string): BundleFile {
    return core.onlyFile(json, file, advice, (...all) => core.abi.osl_style_file(...all));
  }

  /** `encoder`: the handle of the open encoder; `file` names the bundle in an error. */
  constructor(
    core: Core,
    encoder: number,
    json: Uint8Array,
    bytes: Uint8Array,
    file: string,
    advice: string,
  ) {
    this.#core = core;
    const { abi, heap, room } = core;
    const code = heap.lend(json, (first) =>
      heap.lend(bytes, (second) =>
        abi.osl_style_open(
          encoder,
          first.at,
          first.size,
          second.at,
          second.size,
          room.small,
          room.error,
        ),
      ),
    );
    core.check(code, file, advice, file);
    this.#style = this.#core.heap.u32(room.small);
    core.check(abi.osl_style_get(this.#style, room.scored), file);
    const info = heap.view(({ data }) => OslStyleInfo.read(data, room.scored));
    this.dimensions = info.dimensions;
    this.#labels = Array.from({ length: info.labels }, (_, label) => this.#label(label));
    this.#room = heap.takeParts({
      vector: 4 * info.dimensions,
      hits: info.labels * OslStyleHit.size,
    });
  }

  #label(label: number): { readonly name: string; readonly parent: number } {
    const { abi, heap, room } = this.#core;
    const out = [room.scored, room.name, NAME_BYTES] as const;
    this.#core.check(abi.osl_style_label_get(this.#style, label, ...out), `Label ${label}`);
    const { nameN, parent } = heap.view(({ data }) => OslStyleLabel.read(data, room.scored));
    return { name: heap.text(room.name, Math.min(nameN, NAME_BYTES)), parent };
  }

  /** Labels of a vector of unit length: kinds in the order asked for, in each the most probable first. */
  labels(vector: Float32Array<ArrayBuffer>, { kinds, least, limit }: StyleQuery): StyleLabel[] {
    const { abi, heap, room } = this.#core;
    const { vector: at, hits } = this.#room.at;
    heap.view((view) => view.bytes.set(bytesOf(vector), at));
    const ran = abi.osl_style_run(this.#style, at, vector.length, room.error);
    this.#core.check(ran, 'Describing a text');
    return kinds.flatMap((kind) => {
      const cap = Math.min(limit, this.#labels.length);
      const out = [hits, cap, room.small] as const;
      const code = abi.osl_style_top(this.#style, KINDS.indexOf(kind), least, ...out);
      this.#core.check(code, 'Describing a text');
      const found = heap.view(({ data }) =>
        Array.from({ length: data.getUint32(room.small, true) }, (_, i) =>
          OslStyleHit.read(data, hits + i * OslStyleHit.size),
        ),
      );
      return found.map(({ label, probability }) => ({ kind, ...this.#names(label), probability }));
    });
  }

  #names(label: number): { readonly label: string; readonly parent: string | null } {
    const { name = '', parent = NO_LABEL } = this.#labels[label] ?? {};
    return { label: name, parent: this.#labels[parent]?.name ?? null };
  }
}
