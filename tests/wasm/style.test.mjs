// Style inside the modules: the probabilities of the native tool, bit for bit, and what the ABI refuses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Core, folderReader, root, variants } from './core.mjs';
import { Encoder } from './encoder.mjs';

const encoderBundle = new URL('models/encoder/bundle/', root);
const styleBundle = new URL('models/style/bundle/', root);
const ossicle = fileURLToPath(new URL('build/native-release/core/tools/ossicle', root));
const KINDS = ['genre', 'mood', 'instrument'];
const texts = ['a slow sad ballad with piano', 'heavy metal', '悲伤的钢琴曲', 'música alegre para bailar', '🎹', '', 'Portishead'];

if (!existsSync(ossicle)) throw new Error(`${ossicle} is missing: run make native`);

function openStyle(core, encoder, json, file) {
  core.call('osl_style_open', encoder, core.put(json), json.length, core.put(file), file.length, core.slot);
  return core.u32();
}

function released() {
  const read = folderReader(styleBundle);
  return [read('bundle.json'), read('style.safetensors')];
}

describe('style', () => {
  const args = ['style', '--json', '--least', '0', '--limit', '65535', ...texts.flatMap((text) => ['--text', text])];
  const bundles = ['--bundle', fileURLToPath(encoderBundle), '--style', fileURLToPath(styleBundle)];
  const expected = execFileSync(ossicle, [...args, ...bundles], { maxBuffer: 1 << 28, encoding: 'utf8', stdio: 'pipe' })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).labels);

  for (const variant of variants) {
    it(`gives in the ${variant} build the labels and probabilities of the native one`, () => {
      const core = Core.load(variant);
      const encoder = new Encoder(core, folderReader(encoderBundle));
      const style = openStyle(core, encoder.encoder, ...released());
      core.check(core.abi.osl_style_get(style, core.slot));
      const [labels, dimensions] = [core.u32(), core.u32(core.slot + 4)];
      const [facts, name, hits] = [core.take(16), core.take(256), core.take(8 * labels)];
      const nameOf = (label) => {
        core.check(core.abi.osl_style_label_get(style, label, facts, name, 256));
        return new TextDecoder().decode(core.bytes(name, core.u32(facts + 8)));
      };
      texts.forEach((text, i) => {
        encoder.encode([text], dimensions);
        core.call('osl_style_run', style, encoder.vectors, dimensions);
        const found = KINDS.flatMap((kind, k) => {
          core.check(core.abi.osl_style_top(style, k, 0, hits, labels, core.slot));
          return Array.from({ length: core.u32() }, (_, n) => {
            const probability = core.view.getFloat32(hits + 8 * n + 4, true);
            return { kind, label: nameOf(core.u32(hits + 8 * n)), probability };
          });
        });
        assert.deepEqual(found, expected[i], text);
        assert.equal(found.length, labels);
      });
    });
  }

  it('refuses altered files, other encoders, and what is out of range', () => {
    const core = Core.load('simd');
    const { encoder, vectors } = new Encoder(core, folderReader(encoderBundle));
    const [json, file] = released();
    const mismatch = { code: 'checksum_mismatch' };
    assert.throws(() => openStyle(core, encoder, json, file.with(file.length - 1, file.at(-1) ^ 1)), mismatch);
    assert.throws(() => openStyle(core, encoder, json, file.subarray(1)), mismatch);
    const text = new TextDecoder().decode(json);
    const foreign = text.replace(/("encoder": ")(.)/, (_, before, digit) => before + (digit === '0' ? '1' : '0'));
    assert.throws(() => openStyle(core, encoder, new TextEncoder().encode(foreign), file), mismatch);
    assert.throws(() => openStyle(core, encoder, json.subarray(0, 50), file), { code: 'corrupt' });
    const other = folderReader(encoderBundle)('bundle.json');
    assert.throws(() => openStyle(core, encoder, other, file), { code: 'unknown_format' });

    const style = openStyle(core, encoder, json, file);
    core.check(core.abi.osl_style_get(style, core.slot));
    const labels = core.u32();
    const out = core.take(64);
    assert.throws(() => core.check(core.abi.osl_style_label_get(style, labels, out, out, 0)), { code: 'out_of_range' });
    assert.throws(() => core.check(core.abi.osl_style_top(style, 3, 0, out, 1, core.slot)), { code: 'invalid_argument' });
    assert.throws(() => core.call('osl_style_run', style, vectors, 64), { code: 'invalid_argument' });
    core.view.setFloat32(vectors + 12, Number.NaN, true);
    assert.throws(() => core.call('osl_style_run', style, vectors, 128), { code: 'not_finite', at: 3 });
  });
});
