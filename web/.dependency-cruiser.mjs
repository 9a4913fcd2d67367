/** Who may depend on whom; `scripts/rule-fixtures.ts` shows that each rule can fail. */
export default {
  forbidden: [
    {
      name: 'page-uses-exports-only',
      comment:
        'The player and the extension may use what package.json of `ossicle` exports, nothing inside it.',
      severity: 'error',
      from: { path: '(^|/)(player|extension)/' },
      to: {
        path: '(^|/)engine/(src|dist)/',
        pathNot:
          '(^|/)engine/(dist/(index|node|worker|(store|import|export)/[^/]+)\\.(js|d\\.ts)|dist/assets/.*)$',
      },
    },
    {
      name: 'page-imports-by-name',
      comment: 'Not by a relative path, which would work here and fail for everyone else.',
      severity: 'error',
      from: { path: '(^|/)(player|extension)/' },
      to: { path: '(^|/)engine/(src|dist)/', dependencyTypes: ['local'] },
    },
    {
      name: 'extension-uses-what-is-shared',
      comment: 'Of the player what its package.json exports, nothing inside it.',
      severity: 'error',
      from: { path: '(^|/)extension/' },
      to: {
        path: '(^|/)player/',
        pathNot: '(^|/)player/src/(shared\\.ts|library/seal\\.ts|styles/.*)$',
      },
    },
    {
      name: 'extension-imports-player-by-name',
      severity: 'error',
      from: { path: '(^|/)extension/' },
      to: { path: '(^|/)player/', dependencyTypes: ['local'] },
    },
    {
      name: 'content-scripts-stand-alone',
      comment:
        'They run in other people’s pages: small, and without anything of ours but the words they send.',
      severity: 'error',
      from: { path: '(^|/)extension/src/content/' },
      to: {
        path: '(^|/)extension/src/(background|engine|ui)/|(^|/)(player|engine)/(src|dist)/|node_modules/(react|react-dom)/',
      },
    },
    {
      name: 'wire-knows-nobody',
      comment: 'Clients and servers share it: it depends on neither, and runs in both.',
      severity: 'error',
      from: { path: '(^|/)wire/src/' },
      to: { path: '(^|/)(engine|player|extension|server)/|node_modules/' },
    },
    {
      name: 'engine-knows-no-page',
      comment: 'The engine does not depend on who uses it.',
      severity: 'error',
      from: { path: '(^|/)engine/src/' },
      to: { path: '(^|/)(player|extension|server)/|node_modules/(react|react-dom)/' },
    },
    {
      name: 'node-modules-in-node-entries-only',
      comment: 'What a browser loads must not need Node.',
      severity: 'error',
      from: {
        path: '(^|/)engine/src/',
        pathNot: '(^|/)engine/src/(node|assets-node|snapshots/file|store/(file|sqlite))\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-does-not-reach-node',
      severity: 'error',
      from: { path: '(^|/)engine/src/', pathNot: '(^|/)engine/src/node\\.ts$' },
      to: { path: '(^|/)engine/src/(node|assets-node|snapshots/file|store/(file|sqlite))\\.ts$' },
    },
    {
      name: 'bindings-in-core-only',
      comment:
        'core.ts, its neighbours core-*.ts, private/ and the loader are the only files that know the C ABI; errors.ts takes the names of the codes.',
      severity: 'error',
      from: {
        path: '(^|/)engine/src/',
        pathNot:
          '(^|/)engine/src/(core|core-[a-z]+|heap|loader|choose|errors|private/[a-z]+)\\.ts$',
      },
      to: { path: '(^|/)engine/src/abi\\.gen\\.ts$' },
    },
    {
      name: 'stores-know-no-core',
      severity: 'error',
      from: { path: '(^|/)engine/src/store/' },
      to: { path: '(^|/)engine/src/', pathNot: '(^|/)engine/src/(store/|types\\.ts|errors\\.ts)' },
    },
    {
      name: 'server-uses-wire-and-node-entry',
      comment: 'What it knows of clients is the wire, and the core comes through `ossicle/node`.',
      severity: 'error',
      from: { path: '(^|/)server/src/' },
      to: {
        path: '(^|/)(engine|player|extension)/',
        pathNot: '(^|/)engine/dist/(node\\.(js|d\\.ts)|assets/.*)$',
      },
    },
    {
      name: 'server-imports-by-name',
      severity: 'error',
      from: { path: '(^|/)server/src/' },
      to: { path: '(^|/)(engine|player|extension|wire)/', dependencyTypes: ['local'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'engine/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.d.ts', '.css', '.json'],
    },
  },
};
