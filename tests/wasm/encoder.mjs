// The encoder of a raw module, for the tests that need vectors.
import assert from 'node:assert/strict';

export const DIMENSIONS = 256;
/** Most texts of one call here. */
export const BATCH = 50;

export class Encoder {
  /** `digests(bytes, i)`: the SHA-256 of file i, where it is not left to the core. */
  constructor(core, read, digests) {
    this.core = core;
    const json = read('bundle.json');
    core.call('osl_encoder_begin', core.put(json), json.length, core.slot);
    this.encoder = core.u32();
    const path = core.take(256);
    for (let i = 0; i < 2; ++i) {
      assert.equal(core.abi.osl_encoder_file(this.encoder, i, path, 256, core.slot, core.slot + 8), 0);
      const bytes = read(new TextDecoder().decode(core.bytes(path, core.u32())));
      assert.equal(core.view.getBigUint64(core.slot + 8, true), BigInt(bytes.length));
      core.call('osl_encoder_room', this.encoder, i, core.slot);
      const at = core.u32();
      core.bytes(at, bytes.length).set(bytes);
      if (!digests) continue;
      const digest = core.put(digests(bytes, i));
      core.call('osl_encoder_digest', this.encoder, i, digest);
      core.give(digest);
    }
    core.call('osl_encoder_open', this.encoder, core.take(128));
    this.texts = core.take(1 << 18);
    this.lengths = core.take(4 * BATCH);
    this.vectors = core.take(4 * BATCH * DIMENSIONS);
  }

  /** Unit vectors, valid until the next call; they lie at `vectors`. */
  encode(texts, dimensions = DIMENSIONS) {
    const { core } = this;
    const parts = texts.map((text) => new TextEncoder().encode(text));
    let at = this.texts;
    parts.forEach((part, i) => {
      core.bytes(at, part.length).set(part);
      core.view.setUint32(this.lengths + 4 * i, part.length, true);
      at += part.length;
    });
    core.call('osl_encoder_run', this.encoder, this.texts, this.lengths, texts.length, dimensions, this.vectors);
    return core.bytes(this.vectors, 4 * texts.length * dimensions);
  }
}
