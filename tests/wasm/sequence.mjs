// Playlists of a module, for tests and for tests/bench/playlist.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OslPlaylistItem, OslPlaylistRequest } from '../../web/engine/src/abi.gen.ts';
import { root } from './core.mjs';

export const NO_ITEM = 0xffffffff;
const folder = new URL('build/test-sequence/', root);

/** Addresses of a catalogue of 17,632 items and a sequence model of random weights; made when they are not there, or older than what makes them. */
export function randomBundles() {
  const made = new URL('sequence/sequence.safetensors', folder);
  const maker = ['native-release', 'native-debug']
    .map((preset) => fileURLToPath(new URL(`build/${preset}/tests/wasm/random_sequence`, root)))
    .find((file) => existsSync(file));
  if (maker === undefined) {
    throw new Error('random_sequence is not built: cmake --build --preset native-release --target random_sequence');
  }
  const fresh = existsSync(made) && statSync(made).mtimeMs > statSync(maker).mtimeMs;
  if (!fresh) execFileSync(maker, [fileURLToPath(folder)]);
  return { catalogue: new URL('catalogue/', folder), sequence: new URL('sequence/', folder) };
}

export function openSequence(core, engine, json, file) {
  const [jsonAt, fileAt] = [core.put(json), core.put(file)];
  try {
    core.call('osl_sequence_open', engine, jsonAt, json.length, fileAt, file.length, 0, core.slot);
    return core.u32();
  } finally {
    core.give(jsonAt);
    core.give(fileAt);
  }
}

export class Playlists {
  constructor(core, engine, sequence, most = 500) {
    Object.assign(this, { core, engine, sequence });
    this.request = core.take(OslPlaylistRequest.size);
    this.out = core.take(most * OslPlaylistItem.size);
  }

  /** Rows and scores. */
  write(length, knobs = {}, value = 0, curve = 0) {
    const { core, request } = this;
    core.check(core.abi.osl_playlist_default(request));
    const asked = { ...OslPlaylistRequest.read(core.view, request), ...knobs };
    OslPlaylistRequest.write(core.view, request, asked);
    core.call('osl_playlist_write', this.sequence, this.engine, request, value, curve, this.out, length);
    return Array.from({ length }, (_, i) => OslPlaylistItem.read(core.view, this.out + i * OslPlaylistItem.size));
  }
}
