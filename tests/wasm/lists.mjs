// Lists of a history from a module, as the bytes that tests/wasm/native_lists writes.
import { OslItem, OslReason, OslRecommended, OslRequest, OslScored } from '../../web/engine/src/abi.gen.ts';
import { NOW_S } from './histories.mjs';

export const RESULTS = 50;
export const REASONS = 3;

/** The knobs of history number i, as in native_lists.cpp: every second list has some. */
function knobsOf(i) {
  if (i % 2 === 0) return {};
  const step = (i % 8) / 8;
  const blend = { neighbours: step, novelty: 1 - step, follow: i % 16 === 5 ? 1 : 0, seed: BigInt(i) };
  return { ...blend, diversity: step / 2, repeatDays: (i % 3) * 400, perArtist: i % 4 };
}

export class Lister {
  constructor(core, engine) {
    Object.assign(this, { core, engine });
    const sizes = [RESULTS * OslScored.size, RESULTS * REASONS * OslReason.size, RESULTS * 4];
    this.bytesPerList = OslRecommended.size + sizes[0] + sizes[1] + sizes[2];
    this.request = core.take(OslRequest.size);
    // One block, so that a result is one slice: found, list, reasons, reason_n.
    this.found = core.take(this.bytesPerList);
    this.list = this.found + OslRecommended.size;
    this.reasons = this.list + sizes[0];
    this.reasonN = this.reasons + sizes[1];
  }

  /** ids of every item, [N, 16]. */
  ids() {
    const { core } = this;
    const n = this.nItems();
    const ids = new Uint8Array(n * 16);
    const item = core.take(OslItem.size);
    for (let i = 0; i < n; ++i) {
      core.abi.osl_item_get(this.engine, i, item, 0, 0, 0, 0);
      ids.set(core.bytes(item, 16), i * 16);
    }
    core.give(item);
    return ids;
  }
  nItems() {
    const at = this.core.take(40);
    this.core.abi.osl_catalogue_get(this.engine, at);
    const n = this.core.u32(at);
    this.core.give(at);
    return n;
  }

  /** knobs: fields of OslRequest. */
  setRequest(now, reasons, knobs = {}) {
    this.core.abi.osl_request_default(this.request);
    const { view } = this.core;
    OslRequest.write(view, this.request, { ...OslRequest.read(view, this.request), nowS: now, reasonsPerItem: reasons, ...knobs });
    return this.request;
  }

  recommend(now = NOW_S, knobs = {}) {
    this.setRequest(now, REASONS, knobs);
    this.core.call(
      'osl_recommend_run',
      ...[this.engine, this.request, this.list, RESULTS, this.found, this.reasons, this.reasonN],
    );
  }

  /** The list of history number i, from nothing. */
  of(events, i = 0) {
    const { core } = this;
    core.abi.osl_history_forget(this.engine);
    core.record(this.engine, events);
    core.bytes(this.found, this.bytesPerList).fill(0);
    this.recommend(NOW_S, knobsOf(i));
    return core.bytes(this.found, this.bytesPerList).slice();
  }
}
