// Lists of a history from a module, as the bytes that tests/wasm/native_lists writes.
import { OslItem, OslReason, OslScored } from '../../web/engine/src/abi.gen.ts';
import { NOW_S } from './histories.mjs';

export const RESULTS = 50;
export const REASONS = 3;

export class Lister {
  constructor(core, engine) {
    Object.assign(this, { core, engine });
    const sizes = [RESULTS * OslScored.size, RESULTS * REASONS * OslReason.size, RESULTS * 4];
    this.bytesPerList = 4 + sizes[0] + sizes[1] + sizes[2];
    // One block, so that a result is one slice: found, list, reasons, reason_n.
    this.at = core.take(8 + this.bytesPerList);
    this.found = this.at + 4;
    this.list = this.at + 8;
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

  recommend(now = NOW_S) {
    this.core.call(
      'osl_recommend_run',
      ...[this.engine, now, this.list, RESULTS, this.found, REASONS, this.reasons, this.reasonN],
    );
  }

  /** The list of one history, from nothing. */
  of(events) {
    const { core } = this;
    core.abi.osl_history_forget(this.engine);
    core.record(this.engine, events);
    core.bytes(this.found, this.bytesPerList).fill(0);
    this.recommend();
    return core.bytes(this.found, this.bytesPerList).slice();
  }
}
