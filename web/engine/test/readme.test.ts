/** Runs every block marked `ts` of the READMEs as its readers would: a file of its own beside an installed `ossicle`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withoutWasm } from './support.ts';

const engine = fileURLToPath(new URL('..', import.meta.url));
const readmes = ['../../../README.md', '../README.md'].map(
  (path) => new URL(path, import.meta.url),
);

interface Snippet {
  readonly line: number;
  readonly code: string;
}

function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }));
}

test('an opening fence of another kind is no snippet', () => {
  const markdown = '```ts\nlet a;\n```\n\n```js\nlet b;\n```\n```ts\nlet c;\n```\n';
  assert.deepEqual(snippetsOf(markdown), [
    { line: 1, code: 'let a;\n' },
    { line: 8, code: 'let c;\n' },
  ]);
});

suite('snippets of the READMEs', { skip: withoutWasm }, () => {
  for (const readme of readmes) {
    const name = fileURLToPath(readme);
    const snippets = existsSync(readme) ? snippetsOf(readFileSync(readme, 'utf8')) : [];
    test(`${name} has some`, () => assert.ok(snippets.length > 0));

    for (const { line, code } of snippets) {
      test(`${name}:${line} runs`, async (t) => {
        const folder = await mkdtemp(join(tmpdir(), 'ossicle-readme-'));
        t.after(() => rm(folder, { recursive: true }));
        await mkdir(join(folder, 'node_modules'));
        await symlink(engine, join(folder, 'node_modules', 'ossicle'));
        await writeFile(join(folder, 'package.json'), '{"type":"module"}');
        await writeFile(join(folder, 'snippet.ts'), code);
        const { stdout } = await promisify(execFile)(process.execPath, ['snippet.ts'], {
          cwd: folder,
          timeout: 60_000,
        });
        assert.ok(stdout.length > 0, 'it prints something');
        assert.doesNotMatch(stdout, /undefined/);
      });
    }
  }
});
