// Bad input through the ABI: a code, a message and a place; never a trap.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHash } from 'node:crypto';
import { Core, CoreError, folderReader, root, variants } from './core.mjs';
import { NOW_S } from './histories.mjs';
import { Lister } from './lists.mjs';

const golden = folderReader(new URL('tests/golden/catalogue-v1/', root));
const text = new TextEncoder();
const manifest = () => JSON.parse(new TextDecoder().decode(golden('bundle.json')));
const isJson = (path) => path === 'bundle.json';

/** The golden bundle with its manifest or a shard replaced. */
const withManifest = (change) => (path) => {
  if (!isJson(path)) return golden(path);
  const json = manifest();
  change(json);
  return text.encode(JSON.stringify(json));
};
const withShard = (change) => (path) => (isJson(path) ? golden(path) : change(golden(path)));
/** A changed shard that the manifest vouches for. */
const withTrustedShard = (change) => (path) => {
  if (!isJson(path)) return change(golden(path), path);
  const json = manifest();
  for (const file of json.files) {
    const bytes = change(golden(file.path), file.path);
    Object.assign(file, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return text.encode(JSON.stringify(json));
};
const flip = (at) => (bytes) => {
  bytes[at < 0 ? bytes.length + at : at] ^= 0xff;
  return bytes;
};

const badBundles = [
  ['an empty manifest', (path) => (isJson(path) ? new Uint8Array(0) : golden(path)), 'corrupt'],
  ['a truncated manifest', (path) => (isJson(path) ? golden(path).slice(0, 100) : golden(path)), 'corrupt'],
  ['a manifest that is not JSON', (path) => (isJson(path) ? text.encode('<html>') : golden(path)), 'corrupt'],
  ['a newer format', withManifest((json) => (json.version = 999)), 'unsupported_version'],
  ['a path that climbs out', withManifest((json) => (json.files[0].path = '../../etc/passwd')), null],
  ['a shard with one altered byte', withShard(flip(-1)), 'checksum_mismatch'],
  ['a shard that is cut off', withShard((bytes) => bytes.slice(0, -1)), null],
  ['a shard that is too long', withShard((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])), null],
  ['an empty shard', withShard(() => new Uint8Array(0)), null],
  ['a vouched-for shard whose header length is absurd', withTrustedShard(flip(7)), null],
  ['a vouched-for shard that is not safetensors', withTrustedShard(() => text.encode('no tensors here')), null],
];

for (const variant of variants) {
  describe(`the ${variant} build`, () => {
    for (const [name, read, code] of badBundles) {
      it(`refuses ${name}, and opens a good bundle afterwards`, () => {
        const core = Core.load(variant);
        assert.throws(
          () => core.openEngine(read),
          (error) => {
            assert.ok(error instanceof CoreError, String(error));
            if (code !== null) assert.equal(error.code, code);
            assert.ok(error.what.length > 5 && Number.isSafeInteger(error.at));
            return true;
          },
        );
        assert.ok(core.openEngine(golden) > 0);
      });
    }

    it('refuses null pointers, handles that are none, and numbers out of range by code', () => {
      const core = Core.load(variant);
      const lister = new Lister(core, core.openEngine(golden));
      const { abi, error, slot } = core;
      const engine = lister.engine;
      const request = (reasons) => lister.setRequest(NOW_S, reasons);
      const codes = {
        readerOpen: abi.osl_reader_open(0, 10, slot, error),
        readerFiles: abi.osl_reader_files(0, slot),
        readerAdd: abi.osl_reader_add(0, 0, slot, 1, 0, error),
        engineOpen: abi.osl_engine_open(0, slot, slot, error),
        catalogue: abi.osl_catalogue_get(0, slot),
        record: abi.osl_history_record(0, 0, 0, 0, error),
        recordNull: abi.osl_history_record(engine, 0, 3, 0, error),
        recommend: abi.osl_recommend_run(0, request(0), lister.list, 1, lister.found, 0, 0, error),
        recommendNull: abi.osl_recommend_run(engine, request(0), 0, 1, lister.found, 0, 0, error),
        reasonsNull: abi.osl_recommend_run(engine, request(1), lister.list, 1, lister.found, 0, 0, error),
        requestNull: abi.osl_recommend_run(engine, 0, lister.list, 1, lister.found, 0, 0, error),
        knob: abi.osl_recommend_run(engine, lister.setRequest(NOW_S, 0, { novelty: NaN }), lister.list, 1, lister.found, 0, 0, error),
        context: abi.osl_recommend_run(engine, lister.setRequest(NOW_S, 0, { context: 3 }), lister.list, 1, lister.found, 0, 0, error),
        huge: abi.osl_recommend_run(engine, request(0xffffffff), lister.list, 0xffffffff, lister.found, lister.reasons, lister.reasonN, error),
        past: abi.osl_recommend_run(engine, lister.setRequest(-1n, 0), lister.list, 1, lister.found, 0, 0, error),
        explain: abi.osl_explain_run(engine, NOW_S, 0, 0, 0, 0, 0, error),
        tokenizer: abi.osl_tokenizer_open(0, 5, slot, error),
        block: abi.osl_block_open(16, 2, 32, 4, 0, 5, slot, error),
      };
      for (const [name, code] of Object.entries(codes)) assert.equal(code, 1, name);
      const outOfRange = {
        item: abi.osl_item_get(engine, 0xfffffff0, slot, 0, 0, 0, 0),
        history: abi.osl_history_item(engine, 0xfffffff0, lister.list),
        explain: abi.osl_explain_run(engine, NOW_S, 0xfffffff0, lister.list, 0, 0, lister.found, error),
      };
      for (const [name, code] of Object.entries(outOfRange)) assert.equal(code, 2, name);
      // Closing nothing is allowed, as free(NULL) is.
      for (const name of ['reader', 'engine', 'import', 'tokenizer', 'block']) abi[`osl_${name}_close`](0);
    });

    it('refuses a reader that was used up', () => {
      const core = Core.load(variant);
      const json = golden('bundle.json');
      core.call('osl_reader_open', core.put(json), json.length, core.slot);
      const reader = core.u32();
      const options = core.take(64);
      core.abi.osl_options_default(options);
      assert.throws(() => core.call('osl_engine_open', reader, options, core.slot), { code: 'missing' });
      assert.throws(() => core.call('osl_engine_open', reader, options, core.slot), CoreError);
      assert.throws(() => core.call('osl_reader_add', reader, 0, core.slot, 4, 0), CoreError);
      core.abi.osl_reader_close(reader);
    });

    it('refuses options outside their range', () => {
      const core = Core.load(variant);
      for (const [offset, value] of [
        [48, 0],
        [52, 0xffffffff],
        [56, 0xffffffff],
      ]) {
        assert.throws(() => core.openEngine(golden, { [offset]: value }), { code: 'invalid_argument' });
      }
    });

    it('refuses a catalogue that no memory can hold', () => {
      const core = Core.load(variant);
      assert.throws(() => core.openEngine(withManifest((json) => (json.catalogue.items = 0xffffffff))), CoreError);
    });
  });
}
