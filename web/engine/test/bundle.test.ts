import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { Bundle } from '../src/bundle.ts';
import { digestOf } from '../src/digest.ts';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const sha256 = (text: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest());

/** A bundle whose files hold their own path, and the paths that were read. */
function bundleOf(json: string): { readonly bundle: Bundle; readonly read: string[] } {
  const read: string[] = [];
  const bundle = new Bundle('folder', (path) => {
    read.push(path);
    return Promise.resolve(bytesOf(path === 'folder/bundle.json' ? json : path));
  });
  return { bundle, read };
}

function manifest(...paths: readonly string[]): string {
  return JSON.stringify({ files: paths.map((path) => ({ path })) });
}

suite('a bundle', () => {
  test('reads its first files as soon as bundle.json is there, and each once', async () => {
    const { bundle, read } = bundleOf(manifest('a.bin', 'b.bin', 'c.bin'));
    await bundle.json;
    const early = ['folder/bundle.json', 'folder/a.bin', 'folder/b.bin'];
    assert.deepEqual(read, early);
    for (const path of ['a.bin', 'b.bin', 'c.bin']) {
      const { bytes, digest } = await bundle.file(path);
      assert.deepEqual(bytes, bytesOf(`folder/${path}`));
      assert.deepEqual(digest, sha256(`folder/${path}`));
    }
    assert.deepEqual(read, [...early, 'folder/c.bin']);
  });

  test('guesses nothing from what is no list of usual names', async () => {
    for (const json of [
      'no json',
      'null',
      '{"files": 3}',
      '{"files": [{"path": 3}, null]}',
      manifest('../a', '/b'),
      manifest('https://a.example/b', '..'),
    ]) {
      const { bundle, read } = bundleOf(json);
      await bundle.json;
      assert.deepEqual(read, ['folder/bundle.json'], json);
    }
  });

  test('tells of a file that cannot be read when it is asked for', async () => {
    const bundle = new Bundle('folder', (path) =>
      path.endsWith('.json')
        ? Promise.resolve(bytesOf(manifest('a.bin')))
        : Promise.reject(new Error('gone')),
    );
    await bundle.json;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await assert.rejects(bundle.file('a.bin'), /gone/);
  });

  test('has no digest where the platform has none', async (t) => {
    const { crypto } = globalThis;
    t.after(() => Object.defineProperty(globalThis, 'crypto', { value: crypto }));
    for (const value of [
      undefined,
      {},
      { subtle: { digest: () => Promise.reject(new Error()) } },
    ]) {
      Object.defineProperty(globalThis, 'crypto', { value, configurable: true });
      assert.equal(await digestOf(bytesOf('x')), null);
    }
  });
});
