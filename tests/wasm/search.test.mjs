// Search inside the modules: the hits and scores of the native tool, by words and by vectors, and what the ABI refuses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Core, root, variants } from './core.mjs';

const ossicle = fileURLToPath(new URL('build/native-release/core/tools/ossicle', root));
const ARTISTS = 5000;
const DIMENSIONS = 40;
const LIMIT = 50;
const FIELDS = ['title', 'artist', 'album', 'tags', 'text'];
const queries = ['radiohead', 'radioh', 'the beatels', 'björk electronic', 'indie rock', '椎名林檎', 'AC/DC', '!!!', 'zzzzzz', 'a'];

if (!existsSync(ossicle)) throw new Error(`${ossicle} is missing: run make native`);
const room = mkdtempSync(join(tmpdir(), 'ossicle-search-'));
after(() => rmSync(room, { recursive: true }));

const tool = (...args) => execFileSync(ossicle, args, { maxBuffer: 1 << 28, encoding: 'utf8' });

function makeDocuments() {
  const items = fileURLToPath(new URL('models/items/bundle', root));
  const { items: artists } = JSON.parse(tool('inspect', items, '--items', String(ARTISTS), '--json'));
  return artists.map(({ name, tags }, i) => ({ title: `song ${i % 97}`, artist: name, tags: tags.join(' ') }));
}

/** Unit vectors by a small generator: the same everywhere. */
function makeVectors(n, seed) {
  let state = seed;
  const out = new Float32Array(n * DIMENSIONS);
  for (let i = 0; i < n; ++i) {
    const row = Array.from({ length: DIMENSIONS }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 31 - 1;
    });
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    row.forEach((x, d) => (out[i * DIMENSIONS + d] = x / length));
  }
  return out;
}

class Index {
  constructor(core, documents) {
    this.core = core;
    const parts = documents.flatMap((d) => FIELDS.map((name) => new TextEncoder().encode(d[name] ?? '')));
    const text = core.put(Buffer.concat(parts));
    const lengths = core.put(Uint32Array.from(parts, (part) => part.length));
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    core.call('osl_index_open', text, bytes, lengths, documents.length, core.slot);
    this.index = core.u32();
    [text, lengths].forEach((at) => core.give(at));
    this.query = core.take(4096);
    this.lists = core.take(8 * 1000 * 5);
  }

  addVectors(vectors, rows) {
    this.core.call('osl_vectors_open', rows, DIMENSIONS, this.core.slot);
    this.vectors = this.core.u32();
    // In two calls: rows go on where they ended.
    const half = Math.floor(rows / 2);
    for (const [from, to] of [[0, half], [half, rows]]) {
      const at = this.core.put(vectors.subarray(from * DIMENSIONS, to * DIMENSIONS));
      this.core.call('osl_vectors_add', this.vectors, at, to - from);
      this.core.give(at);
    }
  }

  #hits(at, n) {
    return Array.from({ length: n }, (_, i) => ({
      row: this.core.u32(at + 8 * i),
      score: this.core.view.getFloat32(at + 8 * i + 4, true),
    }));
  }

  search(query, asTyped, vector) {
    const { core, lists } = this;
    const bytes = new TextEncoder().encode(query);
    core.bytes(this.query, bytes.length).set(bytes);
    const most = vector ? 1000 : LIMIT;
    core.call('osl_index_search', this.index, this.query, bytes.length, asTyped ? 1 : 0, lists, most, core.slot, core.slot + 4);
    const words = core.u32();
    if (!vector) return this.#hits(lists, words);
    const attainable = core.view.getFloat32(core.slot + 4, true);
    const [dense, fused, space] = [lists + 8000, lists + 16000, lists + 24000];
    core.bytes(this.query, 4 * DIMENSIONS).set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    core.call('osl_vectors_search', this.vectors, this.query, DIMENSIONS, dense, 1000, core.slot);
    const near = core.u32();
    core.check(core.abi.osl_hits_fuse(lists, words, attainable, dense, near, space, fused, LIMIT, core.slot));
    return this.#hits(fused, core.u32());
  }
}

describe(`search over ${ARTISTS} documents`, () => {
  const documents = makeDocuments();
  const vectors = makeVectors(ARTISTS, 1);
  const queryVectors = makeVectors(queries.length, 2);
  writeFileSync(join(room, 'tracks.tsv'), ['title\tartist\ttags', ...documents.map((d) => `${d.title}\t${d.artist}\t${d.tags}`), ''].join('\n'));
  writeFileSync(join(room, 'queries.txt'), queries.map((query) => `${query}\n`).join(''));
  writeFileSync(join(room, 'tracks.f32'), vectors);
  writeFileSync(join(room, 'queries.f32'), queryVectors);
  const files = ['--tracks', join(room, 'tracks.tsv'), '--queries', join(room, 'queries.txt'), '--limit', String(LIMIT), '--json'];
  const native = (...more) =>
    tool('search', ...files, ...more)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).hits.map(({ row, score }) => ({ row, score })));
  const expected = {
    words: native(),
    'as typed': native('--as-typed'),
    vectors: native('--track-vectors', join(room, 'tracks.f32'), '--query-vectors', join(room, 'queries.f32')),
  };

  for (const variant of variants) {
    it(`gives in the ${variant} build the hits and scores of the native one`, () => {
      const index = new Index(Core.load(variant), documents);
      index.addVectors(vectors, ARTISTS);
      queries.forEach((query, i) => {
        const vector = queryVectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS);
        assert.deepEqual(index.search(query, false), expected.words[i], query);
        assert.deepEqual(index.search(query, true), expected['as typed'][i], query);
        assert.deepEqual(index.search(query, false, vector), expected.vectors[i], query);
      });
      assert.ok(expected.words.flat().length > 50);
    });
  }

  it('takes no memory while it searches', () => {
    const core = Core.load('simd');
    const index = new Index(core, documents);
    index.addVectors(vectors, ARTISTS);
    const ask = () => queries.forEach((query) => index.search(query, true, queryVectors.subarray(0, DIMENSIONS)));
    ask();
    const before = core.abi.osl_memory_count();
    ask();
    assert.equal(core.abi.osl_memory_count(), before);
  });

  it('refuses lengths that do not fit, unknown modes and vectors that are none', () => {
    const core = Core.load('simd');
    const text = core.put(new Uint8Array(10).fill(97));
    const open = (lengths) => core.call('osl_index_open', text, 10, core.put(Uint32Array.from(lengths)), lengths.length / 5, core.slot);
    const refused = { code: 'invalid_argument' };
    assert.throws(() => open([0, 0, 0, 0, 9]), refused);
    assert.throws(() => open([11, 0, 0, 0, 0]), refused);
    assert.throws(() => open([10, 0, 0, 0, 0, 0xffffffff, 1, 0, 0, 0]), refused);
    open([10, 0, 0, 0, 0]);
    const index = core.u32();
    const out = core.take(64);
    assert.throws(() => core.call('osl_index_search', index, text, 10, 2, out, 1, out + 32, out + 36), refused);

    for (const [rows, dimensions] of [[1, 0], [1, 1025], [2 ** 25, 16]]) {
      assert.throws(() => core.call('osl_vectors_open', rows, dimensions, core.slot), refused);
    }
    assert.throws(() => core.call('osl_vectors_open', 2 ** 24, 1024, core.slot), { code: 'out_of_memory' });
    core.call('osl_vectors_open', 2, 3, core.slot);
    const vectors = core.u32();
    const rows = core.put(Float32Array.of(1, 0, 0, 0, Number.NaN, 0));
    assert.throws(() => core.call('osl_vectors_add', vectors, rows, 2), { code: 'not_finite', at: 1 });
    assert.throws(() => core.call('osl_vectors_add', vectors, rows, 3), { code: 'capacity_exceeded', at: 2 });
    core.call('osl_vectors_add', vectors, rows, 1);
    core.call('osl_vectors_search', vectors, rows, 3, out, 2, core.slot);
    assert.equal(core.u32(), 1);
    assert.throws(() => core.call('osl_vectors_search', vectors, rows, 4, out, 2, core.slot), refused);
    assert.throws(() => core.call('osl_vectors_search', vectors, rows, 3, out, 4097, core.slot), refused);
  });
});
