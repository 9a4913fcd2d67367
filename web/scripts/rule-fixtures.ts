/** Shows that each rule of dependencies and the rules of lint that matter most can fail: a rule that cannot is no guard. */
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import rules from '../.dependency-cruiser.mjs';

const web = fileURLToPath(new URL('..', import.meta.url));
const { forbidden, options } = rules;
const failures: string[] = [];

const { output } = await cruise(['scripts/fixtures'], {
  ...options,
  baseDir: web,
  validate: true,
  ruleSet: { forbidden } as IFlattenedRuleSet,
});
const { summary } = output as ICruiseResult;
const broken = new Set(summary.violations.map(({ rule }) => rule.name));
for (const { name } of forbidden) {
  if (!broken.has(name)) failures.push(`no fixture breaks the dependency rule "${name}"`);
}

/** [rule, file it is about, code that breaks it] */
const code = [
  ['@typescript-eslint/no-floating-promises', 'engine/src/streams.ts', 'Promise.resolve(1);'],
  ['no-restricted-globals', 'engine/src/streams.ts', "export const page = fetch('/');"],
  [
    'no-restricted-properties',
    'engine/src/streams.ts',
    "export const page = globalThis.fetch('/');",
  ],
  ['no-restricted-globals', 'engine/src/streams.ts', 'export const title = document.title;'],
  ['@typescript-eslint/no-explicit-any', 'engine/src/streams.ts', 'export let x: any;'],
] as const;
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  overrideConfigFile: `${web}eslint.config.js`,
});
for (const [rule, file, text] of code) {
  const [result] = await eslint.lintText(text, { filePath: `${web}${file}` });
  if (!result?.messages.some(({ ruleId }) => ruleId === rule)) {
    failures.push(`${rule} lets "${text}" through in ${file}`);
  }
}

for (const failure of failures) console.error(failure);
console.log(`${forbidden.length} dependency rules and ${code.length} lint rules tried`);
process.exitCode = failures.length === 0 ? 0 : 1;
