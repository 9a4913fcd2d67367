/** A zip whose bytes depend on its files alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { zipSync, type Zippable } from 'fflate';
import type { PackedFile } from './guards.ts';

/** Every file in `folder`, by its path. */
export function filesIn(folder: string): readonly PackedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: relative(folder, file).replaceAll(sep, '/'),
      bytes: new Uint8Array(readFileSync(file)),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function zipOf(files: readonly PackedFile[]): Uint8Array {
  // The format knows local time only, and begins with this.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = Object.fromEntries(
    files.map(({ path, bytes }) => [path, [bytes, { level: 9, mtime }]]),
  );
  return zipSync(entries);
}

export const sizeOf = (files: readonly PackedFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes.length, 0);
