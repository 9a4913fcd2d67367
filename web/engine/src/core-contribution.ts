import { headOf } from '@ossicle/wire/report';
import { OslCatalogueInfo, OslItemHistory } from './abi.gen.ts';
import type { Core } from './core.ts';
import { BLOCK_ROWS, BLOCKS } from './private/private.gen.ts';

const HEAD_ITEMS = BLOCKS * BLOCK_ROWS;
const FLAGS = { loved: 1, banned: 2 } as const;

/** What a listener's contribution is made of. It does not leave the thread of the core. */
export interface Listener {
  /** p_u, [factors]. */
  readonly vector: Float64Array<ArrayBuffer>;
  /** For each item of the head, 1: heard, or 0. */
  readonly heard: Uint8Array<ArrayBuffer>;
}

/** Factors of the catalogue. */
export function factorsOf(core: Core): number {
  const { abi, engine, heap, room } = core;
  core.check(abi.osl_catalogue_get(engine, room.scored), 'The catalogue');
  return heap.view(({ data }) => OslCatalogueInfo.read(data, room.scored).nFactors);
}

/** headOf() of the catalogue's first `items` items, or of all where there are fewer: the same work whatever was heard. */
export function catalogueHead(core: Core, items: number): Promise<string> {
  const length = Math.min(items, core.items);
  return headOf(Array.from({ length }, (_, item) => core.itemFacts(item).id));
}

/**
 * Heard is what was played or loved, and is not banned; what the listener said is not to be learnt from (`learning`) never got to these counts. Every item of the head is asked for, in
 * one order, so that the time does not depend on which were heard.
 */
function heardOf(core: Core): Uint8Array<ArrayBuffer> {
  const { abi, engine, heap, room } = core;
  const heard = new Uint8Array(HEAD_ITEMS);
  const items = Math.min(HEAD_ITEMS, core.items);
  for (let item = 0; item < items; ++item) {
    core.check(abi.osl_history_item(engine, item, room.scored), `The history of artist ${item}`);
    const { plays, flag } = heap.view(({ data }) => OslItemHistory.read(data, room.scored));
    const isHeard = (plays > 0 || flag === FLAGS.loved) && flag !== FLAGS.banned;
    heard[item] = Number(isHeard);
  }
  return heard;
}

/** As the history that the core has says at `nowS`, seconds since 1970. */
export function listenerOf(core: Core, nowS: number): Listener {
  const { abi, engine, heap, room } = core;
  const factors = factorsOf(core);
  const block = heap.take(8 * (factors + 1));
  try {
    const args = [BigInt(nowS), block.at, factors + 1, room.small, room.error] as const;
    core.check(abi.osl_user_get(engine, ...args), 'The profile');
    const vector = heap.view(({ bytes }) => {
      return new Float64Array(bytes.slice(block.at, block.at + 8 * factors).buffer);
    });
    return { vector, heard: heardOf(core) };
  } finally {
    heap.view(({ bytes }) => bytes.fill(0, block.at, block.at + block.size));
    heap.free(block);
  }
}
