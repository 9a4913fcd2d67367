// Libraries made from the names of a catalogue, and the calls of library.test.mjs through a module.
import { OslItem, OslLibraryInfo, OslLibraryOptions, OslListen, OslScoredTrack, OslTrack, OslTrackKnobs } from '../../web/engine/src/abi.gen.ts';
import { NOW_S, random } from './histories.mjs';

export const RESULTS = 50;
export const DIMENSIONS = 128;
const WORDS = ['night', 'river', 'glass', 'summer', 'stone', 'light', 'машина', '椎名', 'amour', 'red', 'house', 'ocean'];
const REMARKS = ['', '', '', '', ' (Remastered 2011)', ' - Live', ' (feat. Nobody)', ' [Deluxe Edition]'];

export function artistNames(core, engine, n) {
  const item = core.take(OslItem.size);
  const name = core.take(1024);
  const names = Array.from({ length: n }, (_, i) => {
    core.abi.osl_item_get(engine, i, item, name, 1024, 0, 0);
    return new TextDecoder().decode(core.bytes(name, Math.min(1024, OslItem.read(core.view, item).nameN)));
  });
  [item, name].forEach((at) => core.give(at));
  return names;
}

/** A seeded library: tracks over `names` and some unknown artists, with unit vectors, a map, and events on them. */
export function makeInput(names, tracks, factors, seed = 1) {
  const next = random(seed);
  const below = (n) => Math.floor(next() * n);
  const unit = (n) => {
    const v = Float32Array.from({ length: n }, () => next() + next() - 1);
    const length = Math.hypot(...v);
    return v.map((x) => x / length);
  };
  const utf8 = new TextEncoder();
  const artistText = new Map();
  const words = [];
  const vectors = [];
  const structs = new Uint8Array(tracks * OslTrack.size);
  const songs = [];
  for (let i = 0; i < tracks; ++i) {
    const main = next() < 0.9 ? names[below(names.length)] : `Nobody ${below(200)}`;
    const artist = next() < 0.1 ? `${main} feat. ${names[below(names.length)]}` : main;
    const plain = `${WORDS[below(WORDS.length)]} ${WORDS[below(WORDS.length)]} ${below(40)}`;
    const title = plain + REMARKS[below(REMARKS.length)];
    if (!artistText.has(main)) artistText.set(main, unit(DIMENSIONS));
    const given = i % 10 === 0 ? 0 : i % 10 === 1 ? 1 : 2;
    if (given > 0) vectors.push(unit(DIMENSIONS));
    if (given > 1) vectors.push(artistText.get(main));
    const bytes = [title, artist].map((text) => utf8.encode(text));
    words.push(...bytes);
    songs.push([artist, title]);
    const durationMs = next() < 0.5 ? 0 : 120000 + below(200000);
    OslTrack.write(new DataView(structs.buffer), i * OslTrack.size, {
      titleN: bytes[0].length,
      artistN: bytes[1].length,
      durationMs,
      vectorsN: given,
    });
  }
  const map = Float32Array.from({ length: (DIMENSIONS + 1) * factors }, () => (next() - 0.5) / 4);
  return { structs, vectors: Buffer.concat(vectors.map((v) => Buffer.from(v.buffer))), map, text: Buffer.concat(words), songs, next, below };
}

/** Events on the songs of an input, as the bytes of osl_listen. */
export function makeEvents(core, { songs, next, below }, n) {
  const utf8 = new TextEncoder();
  const at = core.take(4096);
  const out = core.take(16);
  const bytes = new Uint8Array(n * OslListen.size);
  for (let i = 0; i < n; ++i) {
    const [artist, title] = songs[Math.floor(songs.length * next() ** 3)].map((text) => utf8.encode(text));
    core.bytes(at, artist.length).set(artist);
    core.abi.osl_artist_id(at, artist.length, out);
    const id = core.bytes(out, 16).slice();
    core.bytes(at, title.length).set(title);
    core.abi.osl_track_hash(at, title.length, out);
    const kind = next() < 0.9 ? 1 : next() < 0.9 ? 2 : 4;
    OslListen.write(new DataView(bytes.buffer), i * OslListen.size, {
      artist: id,
      atS: NOW_S - BigInt(below(3 * 365 * 86400)),
      trackHash: kind === 4 ? 0n : core.view.getBigUint64(out, true),
      playedMs: 0,
      durationMs: 0,
      kind,
      reserved: 0,
    });
  }
  [at, out].forEach((each) => core.give(each));
  return bytes;
}

/** One piece of bytes, as native_library reads it. */
export function pack({ structs, vectors, map, text }, events) {
  const counts = [structs.length / OslTrack.size, vectors.length / 4, map.length, events.length / OslListen.size, text.length, DIMENSIONS];
  return Buffer.concat([Buffer.from(Uint32Array.from(counts).buffer), structs, vectors, Buffer.from(map.buffer), events, text]);
}

/** A library in a module, filled; and its lists, in the order of native_library. */
export class Tracks {
  constructor(core, engine, { structs, vectors, map, text }, spare = 0) {
    Object.assign(this, { core, engine, n: structs.length / OslTrack.size });
    const options = core.take(OslLibraryOptions.size);
    this.knobs = core.take(OslTrackKnobs.size);
    core.abi.osl_library_default(options, this.knobs);
    this.usual = OslTrackKnobs.read(core.view, this.knobs);
    OslLibraryOptions.write(core.view, options, {
      ...OslLibraryOptions.read(core.view, options),
      capacity: this.n + spare,
      textDimensions: DIMENSIONS,
    });
    const at = [core.put(text), core.put(structs), core.put(vectors), core.put(map)];
    core.call('osl_library_open', engine, options, at[3], map.length, core.slot);
    this.library = core.u32();
    const before = performance.now();
    core.call('osl_library_add', this.library, engine, at[0], text.length, at[1], this.n, at[2], vectors.length / 4);
    this.addMs = performance.now() - before;
    [...at, options].forEach((each) => core.give(each));
    this.out = core.take(RESULTS * OslScoredTrack.size);
  }

  get info() {
    const at = this.core.take(OslLibraryInfo.size);
    this.core.check(this.core.abi.osl_library_get(this.library, at));
    const info = OslLibraryInfo.read(this.core.view, at);
    this.core.give(at);
    return info;
  }

  record(events) {
    const { core } = this;
    const n = events.length / OslListen.size;
    const [at, recorded] = [core.put(events), core.take(4 * n)];
    core.call('osl_history_record', this.engine, at, n, recorded);
    core.check(core.abi.osl_library_record(this.library, at, recorded, n));
    [at, recorded].forEach((each) => core.give(each));
  }

  #bytes() {
    const n = this.core.u32();
    const head = Buffer.from(Uint32Array.of(n).buffer);
    return Buffer.concat([head, this.core.bytes(this.out, n * OslScoredTrack.size)]);
  }

  recommend(changed = {}) {
    OslTrackKnobs.write(this.core.view, this.knobs, { ...this.usual, ...changed });
    this.core.call('osl_library_recommend', this.library, this.engine, NOW_S, this.knobs, this.out, RESULTS, this.core.slot);
    return this.#bytes();
  }

  similar(row) {
    OslTrackKnobs.write(this.core.view, this.knobs, this.usual);
    this.core.call('osl_library_similar', this.library, NOW_S, row, this.knobs, this.out, RESULTS, this.core.slot);
    return this.#bytes();
  }

  lists() {
    const out = [];
    for (const shelf of [0, 1, 2]) {
      for (const familiarity of [0, -0.1, 0.05]) out.push(this.recommend({ shelf, familiarity }));
    }
    for (let i = 0; i < 20; ++i) out.push(this.similar((i * 37) % this.n));
    return out;
  }
}
