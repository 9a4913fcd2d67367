import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { load } from '../src/loader.ts';
import { assets, ossicleError, withoutWasm } from './support.ts';

suite('the loader', () => {
  test('refuses what is no module, and names the file', async () => {
    const page = new TextEncoder().encode('<!doctype html>');
    await assert.rejects(load(page, 'ossicle-simd.wasm'), ossicleError('corrupt', /ossicle-simd/));
  });

  test('refuses a module that wants something of the page', async () => {
    // (import "env" "f" (func))
    const bytes = Uint8Array.of(
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0],
      ...[2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0],
    );
    await assert.rejects(load(bytes, 'x.wasm'), ossicleError('bundle_mismatch', /imports env\.f/));
  });

  test('refuses a module that lacks what the bindings call', async () => {
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    await assert.rejects(
      load(empty, 'x.wasm'),
      ossicleError('bundle_mismatch', /lacks _initialize/),
    );
  });

  test('refuses a module of another interface', { skip: withoutWasm }, async () => {
    const bytes = new Uint8Array(await readFile(new URL('ossicle-simd.wasm', assets)));
    const other = load(bytes, 'ossicle-simd.wasm', 1n);
    await assert.rejects(other, ossicleError('bundle_mismatch', /same version/));
  });
});
