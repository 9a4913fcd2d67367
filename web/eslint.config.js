import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const web = fileURLToPath(new URL('.', import.meta.url));

/** Names of the page that the engine must do without, and the loader's `fetch`. */
const page = ['document', 'window', 'localStorage', 'sessionStorage', 'alert', 'XMLHttpRequest'];
const noPage = page.map((name) => ({
  name,
  message: 'the engine runs in workers, extensions and Node too',
}));
const noFetch = {
  name: 'fetch',
  message: 'only assets.ts, snapshots/send.ts and contribute/send.ts may ask anybody',
};
const noPlayerFetch = { name: 'fetch', message: 'only sources/fetch.ts may ask for anything' };
const noFetchMembers = ['globalThis', 'self'].map((object) => ({
  object,
  property: 'fetch',
  message: 'only assets.ts, snapshots/send.ts and contribute/send.ts may ask anybody',
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/artifacts/**',
      'web/engine/src/abi.gen.ts',
      'web/engine/src/private/private.gen.ts',
      'web/scripts/fixtures/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: web } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // What a signal is aborted with may be anything.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Taking fields off an object.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['web/engine/src/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...noPage, noFetch],
      'no-restricted-properties': ['error', ...noFetchMembers],
    },
  },
  {
    files: ['web/player/src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-globals': ['error', noPlayerFetch] },
  },
  {
    // What the page asks its own origin for, and what the service worker passes on to servers that the person added.
    files: ['web/player/src/sources/fetch.ts', 'web/player/src/sources/server/serve-relay.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    // The one place that loads anything.
    files: [
      'web/engine/src/assets.ts',
      'web/engine/src/snapshots/send.ts',
      'web/engine/src/contribute/send.ts',
    ],
    rules: { 'no-restricted-globals': ['error', ...noPage] },
  },
  {
    files: ['web/player/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { ...reactHooks.configs.recommended.rules },
  },
  {
    files: ['**/test/**', '**/tests/**', '**/scripts/**', '**/bin/**'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // node:test returns promises that its runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { URL: 'readonly', process: 'readonly', console: 'readonly' },
    },
  },
);
