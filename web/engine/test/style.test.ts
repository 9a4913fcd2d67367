/** style() as its users call it, on the real module, the released encoder and the style model made for it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { StyleKind, StyleLabel } from '../src/types.ts';
import { folder, opened } from './built.ts';
import { assets, named, ossicleError, withoutWasm } from './support.ts';

const texts = [
  'a slow, sad ballad with soft female vocals and piano',
  'fast aggressive heavy metal, distorted guitars and a screaming male voice',
  '一首缓慢悲伤的钢琴曲',
  '',
];

function of(kind: StyleKind, labels: readonly StyleLabel[] = []): string[] {
  return labels.filter((each) => each.kind === kind).map(({ label }) => label);
}

suite('style', { skip: withoutWasm }, () => {
  test('tells genres, moods and instruments, the most probable first', async (t) => {
    const engine = await opened(t);
    const [sad, metal] = await engine.style(texts);
    assert.ok(of('mood', sad).includes('sad'));
    assert.ok(of('instrument', sad).includes('piano'));
    assert.ok(of('genre', metal).includes('rock'));
    assert.ok(of('mood', metal).includes('aggressive'));
    for (const labels of [sad, metal]) {
      const kinds = (labels ?? []).map(({ kind }) => ['genre', 'mood', 'instrument'].indexOf(kind));
      assert.deepEqual(kinds, kinds.toSorted());
      for (const kind of ['genre', 'mood', 'instrument'] as const) {
        const list = (labels ?? []).filter((each) => each.kind === kind);
        const probabilities = list.map(({ probability }) => probability);
        assert.deepEqual(
          probabilities,
          probabilities.toSorted((a, b) => b - a),
        );
        assert.ok(probabilities.every((p) => p >= 0.5 && p <= 1));
      }
    }
  });

  test('gives one list for one text, of the kinds that are asked for', async (t) => {
    const engine = await opened(t);
    const labels = await engine.style(texts[2] ?? '', {
      kinds: ['instrument'],
      least: 0,
      limit: 3,
    });
    assert.equal(labels.length, 3);
    assert.ok(labels.every(({ kind, parent }) => kind === 'instrument' && parent === null));
    assert.ok(of('instrument', labels).includes('piano'));
    assert.deepEqual(await engine.style([]), []);
    assert.deepEqual(await engine.style('x', { kinds: [] }), []);
    const wide = await engine.style('x', { kinds: ['genre'], least: 0, limit: 1000 });
    const metal = wide.find(({ label }) => label === 'death metal');
    const parent = wide.find(({ label }) => label === metal?.parent);
    assert.ok(metal && parent && parent.probability >= metal.probability);
  });

  test('gives the labels of `ossicle style`, in both builds', async (t) => {
    const bin = fileURLToPath(new URL('../bin/ossicle.mjs', import.meta.url));
    const bundles = ['encoder', 'style'].map((name) => fileURLToPath(new URL(name, assets)));
    const asked = texts.flatMap((text) => ['--text', text]);
    const args = ['style', '--bundle', bundles[0] ?? '', '--style', bundles[1] ?? '', '--json'];
    const more = ['--least', '0.1', '--limit', '20'];
    const { stdout } = await promisify(execFile)(process.execPath, [
      bin,
      ...args,
      ...more,
      ...asked,
    ]);
    const expected = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { labels: unknown[] }).labels);
    for (const variant of ['simd', 'relaxed'] as const) {
      const engine = await opened(t, { variant });
      const found = await engine.style(texts, { least: 0.1, limit: 20 });
      const plain = found.map((labels) =>
        labels.map(({ kind, label, probability }) => ({ kind, label, probability })),
      );
      assert.deepEqual(plain, expected);
    }
  });

  test('tells how far it is, and stops when asked', async (t) => {
    const engine = await opened(t);
    const many = Array.from({ length: 70 }, (_, i) => `song ${i}`);
    const seen: number[] = [];
    await engine.style(many, { onProgress: ({ done }) => seen.push(done) });
    assert.deepEqual(seen, [32, 64, 70]);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const stopped = engine.style(many, { signal: controller.signal, onProgress });
    await assert.rejects(stopped, named('AbortError'));
    assert.equal((await engine.style(['again'])).length, 1);
  });

  test('a model that is missing, altered or of another encoder is named, and the rest goes on', async (t) => {
    const copy = await folder(t);
    await cp(assets, pathToFileURL(copy), { recursive: true });
    const [json, file] = [join(copy, 'style/bundle.json'), join(copy, 'style/style.safetensors')];
    const [manifest, bytes] = [await readFile(json, 'utf8'), await readFile(file)];
    const engine = await opened(t, { assets: copy });
    const ask = (): Promise<unknown> => engine.style('jazz');

    await writeFile(file, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
    await assert.rejects(ask, ossicleError('checksum_mismatch', /style/));
    await writeFile(file, bytes.subarray(0, 100));
    await assert.rejects(ask, ossicleError('checksum_mismatch', /style/));
    await writeFile(file, bytes);
    await writeFile(json, manifest.replace(/"encoder": "./, '"encoder": "x'));
    await assert.rejects(ask, ossicleError('corrupt', /style\.encoder/));
    await writeFile(json, manifest.replace(/"encoder": "[0-9a-f]{4}/, '"encoder": "0000'));
    await assert.rejects(ask, ossicleError('checksum_mismatch', /another encoder/));
    await rm(file);
    await writeFile(json, manifest);
    await assert.rejects(ask, ossicleError('missing', /style\.safetensors/));
    assert.equal((await engine.embed(['jazz'])).length, 1);
    await writeFile(file, bytes);
    assert.ok((await engine.style('jazz', { least: 0 })).length > 0);
  });

  test('what it cannot use is refused', async (t) => {
    const engine = await opened(t);
    const refused = ossicleError('invalid_argument');
    await assert.rejects(() => engine.style(['a', 4 as unknown as string]), refused);
    for (const options of [
      { least: 2 },
      { least: Number.NaN },
      { limit: 0 },
      { kinds: ['tempo' as StyleKind] },
    ]) {
      await assert.rejects(() => engine.style('a', options), refused);
    }
  });
});
