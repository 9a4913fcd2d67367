import type { AbiExports } from './abi.gen.ts';
import { OssicleError } from './errors.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The module's memory as JavaScript sees it during one synchronous callback; stale afterwards. */
export interface View {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly data: DataView<ArrayBuffer>;
}

/** A piece of the module's memory that is held until `free`. */
export interface Block {
  readonly at: number;
  readonly size: number;
}

/** A piece of memory that was cut up: where each part begins. */
export interface Parts<K extends string> {
  readonly all: Block;
  readonly at: Readonly<Record<K, number>>;
}

/** What every module has of memory. */
type Memory = Pick<AbiExports, 'memory' | 'osl_memory_take' | 'osl_memory_give'>;

/** Access to the memory of a module. A view lives only inside one callback: memory that grows leaves older views empty. */
export class Heap {
  readonly #abi: Memory;

  constructor(abi: Memory) {
    this.#abi = abi;
  }

  view<T>(use: (view: View) => T): T {
    const buffer = this.#abi.memory.buffer;
    return use({ bytes: new Uint8Array(buffer), data: new DataView(buffer) });
  }

  /** Zeroed and 64-byte aligned. Errors: out_of_memory (`at` = bytes). */
  take(size: number): Block {
    const at = this.#abi.osl_memory_take(size);
    if (at === 0) {
      const what = `The browser has no ${size} bytes of memory left. Close other tabs and try again.`;
      throw new OssicleError('out_of_memory', what, size);
    }
    return { at: at >>> 0, size };
  }

  /** Takes one piece of memory for parts of these sizes, each 64-byte aligned. */
  takeParts<K extends string>(sizes: Readonly<Record<K, number>>): Parts<K> {
    let used = 0;
    const cut = Object.entries<number>(sizes).map(([name, size]) => {
      const from = used;
      used += Math.ceil(size / 64) * 64;
      return [name, from] as const;
    });
    const all = this.take(used);
    const at = Object.fromEntries(cut.map(([name, from]) => [name, all.at + from]));
    return { all, at: at as Record<K, number> };
  }

  free(block: Block): void {
    this.#abi.osl_memory_give(block.at);
  }

  /** Takes memory for `bytes`, copies them in, and gives it back when `use` is done. */
  lend<T>(bytes: Uint8Array, use: (block: Block) => T): T {
    const block = this.take(Math.max(1, bytes.length));
    try {
      this.view((view) => view.bytes.set(bytes, block.at));
      return use({ at: block.at, size: bytes.length });
    } finally {
      this.free(block);
    }
  }

  /** Copies `bytes` to the start of `block`. */
  put(block: Block, bytes: Uint8Array): void {
    this.view((view) => view.bytes.set(bytes, block.at));
  }

  u32(at: number): number {
    return this.view(({ data }) => data.getUint32(at, true));
  }

  text(at: number, length: number): string {
    return this.view((view) => decoder.decode(view.bytes.subarray(at, at + length)));
  }
}

/** The bytes of numbers, in place. */
export function bytesOf(numbers: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

export function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 32 hexadecimal digits -> 16 bytes. Errors: invalid_argument. */
export function fromHex(id: string): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new OssicleError(
      'invalid_argument',
      `"${id}" is not an artist id: 32 hexadecimal digits.`,
    );
  }
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(id.slice(2 * i, 2 * i + 2), 16));
}
