/** The text encoder and the style model of a core: loaded with the first call that needs them. */
import type { AssetSource } from './assets.ts';
import { Bundle } from './bundle.ts';
import { CoreEncoder } from './core-encoder.ts';
import { CoreStyle } from './core-style.ts';
import type { Core } from './core.ts';
import { OssicleError } from './errors.ts';
import type { Arguments, Opened, Returned } from './protocol.ts';
import { Shared } from './shared.ts';

const ENCODER = 'encoder/bundle.json';
const STYLE = 'style/bundle.json';
const COPY = 'is damaged or of another version: copy the folder dist/assets of the package again.';

function wrongResults(wrong: string): OssicleError {
  const what = `The text encoder computes wrong results in this browser: ${wrong}.`;
  return new OssicleError(
    'unsupported_browser',
    `${what} Please update the browser, report this, and open with the variant "simd" until then.`,
  );
}

export function encoderBundle(assets: AssetSource, signal?: AbortSignal): Bundle {
  return new Bundle('encoder', (path) => assets.read(path, signal));
}

export class TextModels {
  readonly #core: Core;
  readonly #relaxed: boolean;
  readonly #assets: AssetSource;
  /** The encoder's files, where they are being read already. */
  #early: Bundle | null;
  readonly #encoder = new Shared<CoreEncoder>();
  readonly #style = new Shared<CoreStyle>();

  constructor(
    { core, build }: { readonly core: Core; readonly build: Opened['build'] },
    assets: AssetSource,
    early: Bundle | null,
  ) {
    this.#core = core;
    this.#relaxed = build.variant === 'relaxed';
    this.#assets = assets;
    this.#early = early;
  }

  /** The SHA-256 of the encoder's weights, without loading them. */
  async name(signal?: AbortSignal): Promise<string> {
    const json = new TextDecoder().decode(await this.#assets.read(ENCODER, signal));
    const sha256 = /"path": *"[^"]*\.safetensors"[^}]*"sha256": *"([0-9a-f]{64})"/.exec(json)?.[1];
    if (sha256 !== undefined) return sha256;
    throw new OssicleError('corrupt', `${ENCODER} names no weights: the encoder ${COPY}`, ENCODER);
  }

  async encode(
    { texts, dimensions }: Arguments<'encode'>,
    signal?: AbortSignal,
  ): Promise<Returned<'encode'>> {
    const encoder = await this.#openEncoder(signal);
    const offered = encoder.dimensions;
    const length = dimensions ?? offered.at(-1) ?? 0;
    if (!offered.includes(length)) {
      const what = `dimensions is ${length}, but this encoder offers ${offered.join(', ')}.`;
      throw new OssicleError('invalid_argument', what, 'dimensions');
    }
    return { dimensions: length, vectors: encoder.encode(texts, length) };
  }

  async style(
    { texts, ...query }: Arguments<'style'>,
    signal?: AbortSignal,
  ): Promise<Returned<'style'>> {
    const encoder = await this.#openEncoder(signal);
    const style = await this.#openStyle(encoder, signal);
    const { dimensions } = style;
    const vectors = encoder.encode(texts, dimensions);
    return texts.map((_, i) =>
      style.labels(vectors.subarray(i * dimensions, (i + 1) * dimensions), query),
    );
  }

  #openEncoder(signal?: AbortSignal): Promise<CoreEncoder> {
    return this.#encoder.get((stop) => this.#loadEncoder(stop), signal);
  }

  #openStyle(encoder: CoreEncoder, signal?: AbortSignal): Promise<CoreStyle> {
    return this.#style.get((stop) => this.#loadStyle(encoder, stop), signal);
  }

  async #loadEncoder(signal: AbortSignal): Promise<CoreEncoder> {
    const bundle = this.#early ?? encoderBundle(this.#assets, signal);
    this.#early = null;
    const advice = `The encoder ${COPY}`;
    const encoder = new CoreEncoder(this.#core, await bundle.json, ENCODER, advice);
    try {
      for (const [index, { path }] of encoder.files.entries()) {
        encoder.put(index, await bundle.file(path), `encoder/${path}`);
        signal.throwIfAborted();
      }
      // The kernels of its layers take a compiler the longest: by now their code is the one that will run.
      const wrong = this.#core.selftest(1);
      if (wrong !== null) throw wrongResults(wrong);
      encoder.open(this.#relaxed ? () => performance.now() : undefined);
      return encoder;
    } catch (cause) {
      // After a trap the core's memory cannot be trusted with a call.
      if (!(cause instanceof WebAssembly.RuntimeError)) encoder.close();
      throw cause;
    }
  }

  async #loadStyle(encoder: CoreEncoder, signal: AbortSignal): Promise<CoreStyle> {
    const advice = `The style model ${COPY}`;
    const json = await this.#assets.read(STYLE, signal);
    const { path } = CoreStyle.file(this.#core, json, STYLE, advice);
    const file = `style/${path}`;
    const bytes = await this.#assets.read(file, signal);
    return new CoreStyle(this.#core, encoder.handle, json, bytes, file, advice);
  }
}
