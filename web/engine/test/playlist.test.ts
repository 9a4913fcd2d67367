/** playlist() as its users call it, on the real module: 17,632 artists of random factors and a model of random weights, which tests/wasm makes. */
import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { playlistArguments } from '../src/arguments.ts';
import type { Engine, PlaylistItem, PlaylistOptions } from '../src/types.ts';
import { folder, opened, type TestEnd } from './built.ts';
import { assets, named, ossicleError, withoutWasm } from './support.ts';

const tests = new URL('../../../tests/wasm/sequence.mjs', import.meta.url);

async function randomAssets(t: TestEnd): Promise<string> {
  const { randomBundles } = (await import(tests.href)) as {
    randomBundles: () => { readonly catalogue: URL; readonly sequence: URL };
  };
  const room = await folder(t);
  for (const variant of ['simd', 'relaxed']) {
    const file = `ossicle-${variant}.wasm`;
    await cp(new URL(file, assets), pathToFileURL(join(room, file)));
  }
  for (const [name, address] of Object.entries(randomBundles())) {
    await cp(address, pathToFileURL(join(room, name)), { recursive: true });
  }
  return room;
}

function ids(list: readonly PlaylistItem[]): string[] {
  return list.map(({ artist }) => artist.id);
}

async function mostListened(engine: Engine): Promise<string[]> {
  const { items } = await engine.recommend({ limit: 50, reasons: 0 });
  return items.map(({ artist }) => artist.id);
}

suite('playlist', { skip: withoutWasm }, () => {
  test('has the artists asked for: as many, none twice, from the first to the last', async (t) => {
    const engine = await opened(t, { assets: await randomAssets(t) });
    const [from = '', to = '', banned = ''] = await mostListened(engine);
    assert.equal((await engine.playlist()).length, 20);
    const list = ids(await engine.playlist({ length: 50, from, to, adventure: 0.5, seed: 4 }));
    assert.equal(new Set(list).size, 50);
    assert.deepEqual([list[0], list.at(-1)], [from, to]);
    const again = ids(await engine.playlist({ length: 50, from, to, adventure: 0.5, seed: 4 }));
    assert.deepEqual(again, list);
    const other = ids(await engine.playlist({ length: 50, from, to, adventure: 0.5, seed: 5 }));
    assert.notDeepEqual(other, list);

    await engine.feedback(banned, 'ban');
    assert.ok(!ids(await engine.playlist({ length: 500 })).includes(banned));
    await assert.rejects(() => engine.playlist({ from: banned }), ossicleError('invalid_argument'));
  });

  test('goes on from what was played last, and follows a curve', async (t) => {
    const engine = await opened(t, { assets: await randomAssets(t) });
    const before = await engine.playlist({ adventure: 0 });
    const [first] = before;
    assert.ok(first);
    await engine.listen({ track: { artist: first.artist.name }, startedAt: new Date() });
    const after = ids(await engine.playlist({ adventure: 0 }));
    assert.ok(!after.includes(first.artist.id));
    assert.deepEqual(ids(await engine.playlist({ adventure: 0, recent: 0 })), ids(before));

    const artists = await mostListened(engine);
    const values = new Map(artists.map((id, i) => [id, i / (artists.length - 1)]));
    const curve = { target: [0, 1], values, weight: 100 };
    const list = await engine.playlist({ length: 10, curve });
    const known = list.map(({ artist }) => values.get(artist.id)).filter((v) => v !== undefined);
    assert.ok(known.length >= 8, `${known.length} artists with a value`);
    assert.ok((known[0] ?? 1) < 0.3 && (known.at(-1) ?? 0) > 0.7);
  });

  test('is the same in both builds', async (t) => {
    const room = await randomAssets(t);
    const lists = await Promise.all(
      (['simd', 'relaxed'] as const).map(async (variant) => {
        const engine = await opened(t, { assets: room, variant });
        return engine.playlist({ length: 50, adventure: 1, seed: 9 });
      }),
    );
    assert.deepEqual(lists[0], lists[1]);
  });

  test('a model that is missing, altered or of another catalogue is named, and the rest goes on', async (t) => {
    const room = await randomAssets(t);
    const engine = await opened(t, { assets: room });
    const [json, file] = [
      join(room, 'sequence/bundle.json'),
      join(room, 'sequence/sequence.safetensors'),
    ];
    const [manifest, bytes] = [await readFile(json, 'utf8'), await readFile(file)];
    const ask = (): Promise<unknown> => engine.playlist();
    await writeFile(file, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
    await assert.rejects(ask, ossicleError('checksum_mismatch', /sequence/));
    await writeFile(file, bytes);
    const foreign = manifest.replace(/"factor_space": "[0-9a-f]{4}/, '"factor_space": "0000');
    await writeFile(json, foreign);
    await assert.rejects(ask, ossicleError('checksum_mismatch', /another catalogue/));
    await rm(file);
    await writeFile(json, manifest);
    await assert.rejects(ask, ossicleError('missing', /sequence\.safetensors/));
    assert.equal((await engine.recommend({ limit: 3 })).items.length, 3);
    await writeFile(file, bytes);
    assert.equal((await engine.playlist({ length: 3 })).length, 3);
  });

  test('what it cannot use is refused, and an abort stops it', async (t) => {
    const engine = await opened(t, { assets: await randomAssets(t) });
    const [some = ''] = await mostListened(engine);
    const unknown = 'f'.repeat(32);
    await assert.rejects(() => engine.playlist({ to: unknown }), ossicleError('unknown_item'));
    const same = { from: some, to: some };
    await assert.rejects(() => engine.playlist(same), ossicleError('invalid_argument'));
    await assert.rejects(
      () => engine.playlist({ signal: AbortSignal.abort() }),
      named('AbortError'),
    );
  });
});

test('the knobs of a playlist are held to their ranges before the core is asked', () => {
  const values = new Map<string, number>();
  const wrong: PlaylistOptions[] = [
    { length: 0 },
    { length: 501 },
    { length: 2.5 },
    { adventure: 1.1 },
    { adventure: Number.NaN },
    { seed: -1 },
    { seed: 0.5 },
    { recent: 257 },
    { pull: 51 },
    { beams: 0 },
    { beams: 9 },
    { curve: { target: [], values } },
    { curve: { target: [0, 2], values } },
    { curve: { target: [1], values, weight: -1 } },
  ];
  for (const options of wrong) {
    assert.throws(() => playlistArguments(options), ossicleError('invalid_argument'));
  }
  const { curve } = playlistArguments({ length: 5, curve: { target: [0, 1, 0], values } });
  assert.deepEqual([...(curve?.target ?? [])], [0, 0.5, 1, 0.5, 0]);
  const single = playlistArguments({ length: 1, curve: { target: [0.25, 1], values } });
  assert.deepEqual([...(single.curve?.target ?? [])], [0.25]);
});
