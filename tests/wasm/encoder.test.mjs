// The released encoder inside the modules: the bytes of the native build over 10,000 texts, and a heap that stays as it is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Core, folderReader, root, variants } from './core.mjs';
import { BATCH, DIMENSIONS, Encoder } from './encoder.mjs';

const bundle = new URL('models/encoder/bundle/', root);
const ossicle = fileURLToPath(new URL('build/native-release/core/tools/ossicle', root));
const TEXTS = 10000;

if (!existsSync(ossicle)) throw new Error(`${ossicle} is missing: run make native`);
const room = mkdtempSync(join(tmpdir(), 'ossicle-encoder-'));
after(() => rmSync(room, { recursive: true }));

/** Names of artists with their tags, in many scripts, as a library has them; and a few that no library has. */
function makeTexts() {
  const items = fileURLToPath(new URL('models/items/bundle', root));
  const args = ['inspect', items, '--items', String(TEXTS), '--json'];
  const json = execFileSync(ossicle, args, { maxBuffer: 1 << 28, encoding: 'utf8' });
  const texts = JSON.parse(json).items.map(({ name, tags }, i) => (i % 3 === 0 ? name : `${name}: ${tags.join(', ')}`));
  const odd = ['', ' ', '\t', '悲伤的钢琴曲', 'ピアノ協奏曲', '🎵🎹👩‍🎤🇧🇷', 'la '.repeat(400), '\u0301\u0301', 'Ｆｕｌｌ　ｗｉｄｔｈ'];
  texts.splice(100, odd.length, ...odd);
  return texts.map((text) => text.replaceAll(/[\r\n]/g, ' '));
}

function nativeVectors(texts) {
  writeFileSync(join(room, 'in.txt'), texts.map((text) => `${text}\n`).join(''));
  const files = ['--in', join(room, 'in.txt'), '--out', join(room, 'out.f32')];
  execFileSync(ossicle, ['embed', '--bundle', fileURLToPath(bundle), ...files], { stdio: 'pipe' });
  return new Uint8Array(readFileSync(join(room, 'out.f32')));
}

describe('the encoder of the relaxed build', () => {
  const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

  it('takes the digests of the host instead of hashing, and refuses wrong ones', () => {
    new Encoder(Core.load('relaxed'), folderReader(bundle), sha256);
    for (const wrong of [0, 1]) {
      const altered = (bytes, i) => sha256(i === wrong ? bytes.subarray(1) : bytes);
      assert.throws(
        () => new Encoder(Core.load('relaxed'), folderReader(bundle), altered),
        ({ code, at }) => code === 'checksum_mismatch' && at === wrong,
      );
    }
  });

  it('gives the same bytes whichever way it multiplies', () => {
    const core = Core.load('relaxed');
    const encoder = new Encoder(core, folderReader(bundle));
    const texts = ['a slow sad ballad', '悲伤的钢琴曲', 'Ｆｕｌｌ　ｗｉｄｔｈ'];
    const pairs = encoder.encode(texts).slice();
    core.call('osl_encoder_rehearse', encoder.encoder, 1);
    core.call('osl_encoder_use', encoder.encoder, 1);
    assert.deepEqual(encoder.encode(texts).slice(), pairs);
    assert.throws(() => core.call('osl_encoder_use', encoder.encoder, 2), { code: 'invalid_argument' });
  });
});

describe(`the encoder over ${TEXTS} texts`, () => {
  const texts = makeTexts();
  const native = nativeVectors(texts);
  for (const variant of variants) {
    it(`gives in the ${variant} build the bytes of the native one, and its heap stays as it is`, () => {
      const core = Core.load(variant);
      const encoder = new Encoder(core, folderReader(bundle));
      encoder.encode(['la '.repeat(400)]); // the tokenizer's own memory, as large as it gets here
      const before = core.heapBytes;
      for (let at = 0; at < texts.length; at += BATCH) {
        const vectors = encoder.encode(texts.slice(at, at + BATCH));
        const same = native.subarray(4 * DIMENSIONS * at, 4 * DIMENSIONS * at + vectors.length);
        if (Buffer.compare(vectors, same) !== 0) assert.fail(`texts ${at} to ${at + BATCH} differ`);
      }
      assert.equal(core.heapBytes, before);
      console.log(`# ${variant}: heap ${core.heapBytes} bytes with the encoder open`);
    });
  }

  it('calls out of order, too many texts and other lengths are refused', () => {
    const core = Core.load('simd');
    const read = folderReader(bundle);
    const json = read('bundle.json');
    core.call('osl_encoder_begin', core.put(json), json.length, core.slot);
    const unopened = core.u32();
    const info = core.take(128);
    assert.throws(() => core.call('osl_encoder_open', unopened, info), { code: 'missing' });
    assert.throws(() => core.call('osl_encoder_room', unopened, 2, core.slot), { code: 'invalid_argument' });
    assert.throws(() => core.call('osl_encoder_run', unopened, info, info, 1, 256, info), { code: 'invalid_argument' });
    core.abi.osl_encoder_close(unopened);

    const { encoder, texts: at, lengths, vectors } = new Encoder(core, read);
    assert.throws(() => core.call('osl_encoder_run', encoder, at, lengths, 257, 64, vectors), { code: 'invalid_argument' });
    assert.throws(() => core.call('osl_encoder_run', encoder, at, lengths, 1, 65, vectors), { code: 'invalid_argument', at: 65 });
    assert.throws(() => core.call('osl_encoder_room', encoder, 0, core.slot), { code: 'invalid_argument' });
    core.abi.osl_encoder_close(encoder);
  });
});
