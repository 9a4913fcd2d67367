// A raw loader and the little that the tests need to call a module: no part of the package, so that both can be wrong only once.
import { existsSync, readFileSync } from 'node:fs';
import { CODE_NAMES, OslError, OslListen } from '../../web/engine/src/abi.gen.ts';

export const root = new URL('../../', import.meta.url);
export const variants = ['simd', 'relaxed'];

/** Path of a built module, e.g. wasmFile('relaxed') or wasmFile('relaxed', 'relaxed-wrong'). */
export function wasmFile(variant, name = variant) {
  const folder = name === variant ? 'wasm' : 'wasm/selftest';
  return new URL(`build/wasm-${variant}/${folder}/ossicle-${name}.wasm`, root);
}

export class CoreError extends Error {
  constructor({ code, at, what }) {
    super(`${CODE_NAMES[code] ?? code}: ${what} (at ${at})`);
    Object.assign(this, { code: CODE_NAMES[code], at: Number(at), what });
  }
}

export class Core {
  static load(variant, name) {
    const file = wasmFile(variant, name);
    if (!existsSync(file)) throw new Error(`${file.pathname} is missing: run make wasm`);
    return new Core(new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file))).exports);
  }

  constructor(exports) {
    this.abi = exports;
    this.abi._initialize();
    this.error = this.take(OslError.size);
    this.slot = this.take(16);
  }

  get view() {
    return new DataView(this.abi.memory.buffer);
  }
  get heapBytes() {
    return this.abi.memory.buffer.byteLength;
  }
  take(size) {
    const at = this.abi.osl_memory_take(size);
    if (at === 0) throw new Error(`no memory for ${size} bytes`);
    return at;
  }
  put(bytes) {
    const at = this.take(bytes.byteLength);
    this.bytes(at, bytes.byteLength).set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return at;
  }
  give(at) {
    this.abi.osl_memory_give(at);
  }
  bytes(at, n) {
    return new Uint8Array(this.abi.memory.buffer, at, n);
  }
  u32(at = this.slot) {
    return this.view.getUint32(at, true);
  }

  /** Throws what the core says about a code other than 0. */
  check(code) {
    if (code === 0) return;
    const { at, whatN, what, code: told } = OslError.read(this.view, this.error);
    if (told !== code) throw new CoreError({ code, at: -1n, what: '' });
    throw new CoreError({ code, at, what: new TextDecoder().decode(what.subarray(0, whatN)) });
  }
  /** Calls a function that takes the error last. */
  call(name, ...args) {
    this.view.setInt32(this.error + OslError.offset.code, 0, true);
    this.check(this.abi[name](...args, this.error));
  }

  selftest(rounds) {
    this.call('osl_selftest_run', rounds);
  }

  /** `read(path)` gives the bytes of a file of the bundle. Returns an engine handle. */
  openEngine(read, options = {}) {
    const json = read('bundle.json');
    const jsonAt = this.put(json);
    this.call('osl_reader_open', jsonAt, json.length, this.slot);
    const reader = this.u32();
    this.give(jsonAt);
    const settings = this.take(64);
    try {
      this.abi.osl_reader_files(reader, this.slot);
      const files = this.u32();
      const path = this.take(256);
      for (let i = 0; i < files; ++i) {
        this.abi.osl_reader_file(reader, i, path, 256, this.slot, this.slot + 8);
        const bytes = read(new TextDecoder().decode(this.bytes(path, this.u32())));
        const at = this.put(bytes);
        try {
          this.call('osl_reader_add', reader, i, at, bytes.length, 0);
        } finally {
          this.give(at);
        }
      }
      this.give(path);
      this.abi.osl_options_default(settings);
      for (const [offset, value] of Object.entries(options)) this.view.setUint32(settings + Number(offset), value, true);
      this.call('osl_engine_open', reader, settings, this.slot);
      return this.u32();
    } finally {
      this.give(settings);
      this.abi.osl_reader_close(reader);
    }
  }

  /** Records the bytes of events, as osl_listen. */
  record(engine, events) {
    const at = this.put(events);
    try {
      this.call('osl_history_record', engine, at, events.length / OslListen.size, 0);
    } finally {
      this.give(at);
    }
  }
}

export function folderReader(folder) {
  return (path) => new Uint8Array(readFileSync(new URL(path, folder)));
}
