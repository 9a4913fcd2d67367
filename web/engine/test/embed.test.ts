/** The text encoder as Node uses it: the built dist, the real modules and the released encoder. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { folder, opened } from './built.ts';
import { assets, named, ossicleError, withoutWasm } from './support.ts';

const texts = [
  'a slow, sad ballad with soft female vocals',
  '一首缓慢悲伤的钢琴曲',
  'fast aggressive heavy metal, distorted guitars',
  'Beyoncé — Déjà Vu (feat. Jay-Z)',
  '',
  ' \t ',
  '❤️🎵🎹👩‍🎤🇧🇷',
  'nul \0 and a lone surrogate \ud800',
];

function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
  assert.ok(a && b && a.length === b.length);
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

suite('embed', { skip: withoutWasm }, () => {
  test('gives every text a vector of unit length, empty and odd ones too', async (t) => {
    const engine = await opened(t);
    const vectors = await engine.embed([...texts, 'x'.repeat(1 << 20)]);
    assert.equal(vectors.length, texts.length + 1);
    for (const vector of vectors) {
      assert.equal(vector.length, 256);
      assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5);
    }
    assert.deepEqual(await engine.embed([]), []);
  });

  test('what is alike in two languages lies nearer than what is not in one', async (t) => {
    const engine = await opened(t);
    const [sad, sadInChinese, metal] = await engine.embed(texts);
    assert.ok(dot(sad, sadInChinese) > dot(sad, metal) + 0.1);
  });

  test('gives the same bytes in both builds, alone and among others', async (t) => {
    const many = Array.from({ length: 70 }, (_, i) => `${texts[i % texts.length]} ${i}`);
    const [simd, relaxed] = await Promise.all(
      (['simd', 'relaxed'] as const).map(async (variant) =>
        (await opened(t, { variant })).embed(many),
      ),
    );
    assert.deepEqual(simd, relaxed);
    const [alone] = await (await opened(t)).embed([many[60] ?? '']);
    assert.deepEqual(alone, simd?.[60]);
  });

  test('gives the bytes of `ossicle embed`', async (t) => {
    const at = await folder(t);
    const lines = texts.map((text) => text.toWellFormed());
    await writeFile(join(at, 'in.txt'), lines.map((line) => `${line}\n`).join(''));
    const bin = fileURLToPath(new URL('../bin/ossicle.mjs', import.meta.url));
    const bundle = fileURLToPath(new URL('encoder', assets));
    const files = ['--in', join(at, 'in.txt'), '--out', join(at, 'out.f32')];
    await promisify(execFile)(process.execPath, [bin, 'embed', '--bundle', bundle, ...files]);
    const bytes = await readFile(join(at, 'out.f32'));
    const vectors = await (await opened(t)).embed(texts);
    assert.deepEqual(Buffer.concat(vectors.map(({ buffer }) => Buffer.from(buffer))), bytes);
  });

  test('a shorter vector is the beginning of the long one, of unit length', async (t) => {
    const engine = await opened(t);
    const [[whole], [cut]] = await Promise.all([
      engine.embed(['jazz']),
      engine.embed(['jazz'], { dimensions: 64 }),
    ]);
    assert.ok(whole && cut && cut.length === 64);
    const scale = Math.hypot(...whole.subarray(0, 64));
    cut.forEach((x, i) => assert.ok(Math.abs(x - (whole[i] ?? 0) / scale) < 1e-6));
    const wrong = engine.embed(['jazz'], { dimensions: 100 });
    await assert.rejects(wrong, ossicleError('invalid_argument', /offers 64, 128, 256/));
  });

  test('tells how far it is, lets other calls in, and stops when asked', async (t) => {
    const engine = await opened(t);
    const many = Array.from({ length: 200 }, (_, i) => `song ${i}`);
    const seen: number[] = [];
    let between = 0;
    const all = engine.embed(many, {
      onProgress: ({ done, total }) => {
        assert.equal(total, 200);
        seen.push(done);
        void engine.recommend({ limit: 1 }).then(() => (between = between || seen.length));
      },
    });
    assert.equal((await all).length, 200);
    assert.deepEqual(seen, [32, 64, 96, 128, 160, 192, 200]);
    assert.ok(between < seen.length);

    const controller = new AbortController();
    const stopped = engine.embed(many, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await assert.rejects(stopped, named('AbortError'));
    assert.equal((await engine.embed(['again'])).length, 1);
  });

  test('an encoder that is missing or altered is named, and the rest goes on', async (t) => {
    const copy = await folder(t);
    await cp(assets, pathToFileURL(copy), { recursive: true });
    const weights = join(copy, 'encoder/encoder.safetensors');
    const bytes = await readFile(weights);
    bytes[5_000_000] = (bytes[5_000_000] ?? 0) ^ 1;
    await writeFile(weights, bytes);
    const engine = await opened(t, { assets: copy });
    const altered = () => engine.embed(['jazz']);
    await assert.rejects(altered, ossicleError('checksum_mismatch', /encoder/i));
    await writeFile(weights, bytes.subarray(0, 1000));
    await assert.rejects(altered, ossicleError('checksum_mismatch'));
    await rm(join(copy, 'encoder'), { recursive: true });
    await assert.rejects(altered, ossicleError('missing', /encoder/));
    assert.equal((await engine.recommend({ limit: 5 })).items.length, 5);
  });

  test('an encoder that is read while the engine opens gives the same vectors', async (t) => {
    const [later, sooner] = await Promise.all(
      [false, true].map(async (encoder) => (await opened(t, { encoder })).embed(texts)),
    );
    assert.deepEqual(sooner, later);
  });

  test('an encoder that cannot be read while the engine opens is named at the first text, and tried again', async (t) => {
    const copy = await folder(t);
    await cp(assets, pathToFileURL(copy), { recursive: true });
    await rename(join(copy, 'encoder'), join(copy, 'elsewhere'));
    const engine = await opened(t, { assets: copy, encoder: true });
    assert.equal((await engine.recommend({ limit: 5 })).items.length, 5);
    await assert.rejects(engine.embed(['jazz']), ossicleError('missing', /encoder/));
    await rename(join(copy, 'elsewhere'), join(copy, 'encoder'));
    assert.equal((await engine.embed(['jazz'])).length, 1);
  });

  test('what is no text is refused by its index', async (t) => {
    const engine = await opened(t);
    const wrong = engine.embed(['jazz', 3 as unknown as string]);
    await assert.rejects(wrong, ossicleError('invalid_argument', /texts\[1\]/));
  });
});
