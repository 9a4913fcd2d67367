/** Starts a module without Emscripten's JavaScript: the same in a page, a worker, an extension and Node. */
import { ABI_HASH, EXPECTED_EXPORTS, EXPECTED_IMPORTS, type AbiExports } from './abi.gen.ts';
import { messageOf, OssicleError } from './errors.ts';

function mismatch(file: string, what: string): OssicleError {
  return new OssicleError(
    'bundle_mismatch',
    `${file} does not fit this version of ossicle: ${what}. ` +
      'Copy the assets of the same version of the package next to the page.',
    file,
  );
}

/** What every module exports. */
interface Started {
  _initialize(): void;
  osl_abi_hash(): bigint;
}

/** Compiles and starts a module that exports `names`. Errors: corrupt, unsupported_browser, bundle_mismatch (`at` = `file`). */
export async function startModule<T extends Started>(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  names: readonly string[],
  expectedHash: bigint,
): Promise<T> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (cause) {
    if (cause instanceof WebAssembly.CompileError) {
      const what = `${file} is not a WebAssembly module that runs here: ${messageOf(cause)}`;
      throw new OssicleError('corrupt', what, file, { cause });
    }
    // A content security policy without 'wasm-unsafe-eval' ends here.
    const what = `WebAssembly is not allowed here: ${messageOf(cause)}. A content security policy needs 'wasm-unsafe-eval'.`;
    throw new OssicleError('unsupported_browser', what, file, { cause });
  }
  const imports = WebAssembly.Module.imports(module).map(
    (entry) => `${entry.module}.${entry.name}`,
  );
  const stranger = imports.find((name) => !EXPECTED_IMPORTS.includes(name));
  if (stranger !== undefined) throw mismatch(file, `it imports ${stranger}`);
  const present = new Set(WebAssembly.Module.exports(module).map((entry) => entry.name));
  const absent = names.find((name) => !present.has(name));
  if (absent !== undefined) throw mismatch(file, `it lacks ${absent}`);

  const instance = await WebAssembly.instantiate(module);
  const abi = instance.exports as unknown as T;
  abi._initialize();
  const hash = BigInt.asUintN(64, abi.osl_abi_hash());
  if (hash !== expectedHash) {
    throw mismatch(file, `its interface is ${hash.toString(16)}, not ${expectedHash.toString(16)}`);
  }
  return abi;
}

/** Compiles and starts the engine's module. Errors: those of startModule(). */
export function load(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  expectedHash: bigint = ABI_HASH,
): Promise<AbiExports> {
  return startModule(bytes, file, EXPECTED_EXPORTS, expectedHash);
}
