/* dependency-cruiser: the import tables of docs/architecture.md, types included, and no cycles. */
const LAYERS = {
  core: ['core'],
  formats: ['formats', 'core'],
  charts: ['charts', 'core'],
  gpu: ['gpu', 'core'],
  cpu: ['cpu', 'core'],
  model: ['model', 'core', 'formats'],
  storage: ['storage', 'core', 'formats'],
  engine: ['engine', 'core', 'formats', 'gpu', 'cpu', 'model', 'storage'],
  node: ['node', 'core', 'formats', 'gpu', 'cpu', 'model', 'storage', 'engine'],
  web: ['web', 'core', 'formats', 'gpu', 'cpu', 'model', 'storage', 'engine'],
  library: ['library', 'node', 'core', 'formats', 'model', 'engine'],
  cli: ['cli', 'library', 'node', 'core', 'formats', 'model', 'engine'],
  store: ['store', 'core'],
  ui: ['ui', 'core', 'store', 'charts'],
};
/** The engine's interface: composed at the root, one slice a capability. */
const ENGINE_API = '^src/engine/(api|[^/]+/api)\\.ts$';
/** The page's exported pages, which the command line writes too: they need a document, and no React. */
const PAGE_EXPORTS = '^src/ui/explore/export/(dashboard|explorer)Page\\.ts$';
/** package (regex) -> the folders that alone may name it */
const OWNERS = {
  onnxruntime: ['model'],
  'd3(/|-)': ['charts'],
  '(react|react-dom|radix-ui|@tanstack)(/|$)': ['ui'],
  'idb-keyval': ['storage'],
  comlink: ['engine'],
  '(commander|cli-progress)(/|$)': ['cli'],
  'sirv(/|$)': ['node'],
  'linkedom(/|$)': ['node', 'web'],
};

const layerRules = Object.entries(LAYERS).map(([from, to]) => ({
  name: `layer-${from}`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/(${to.join('|')})/`,
      ...(from === 'store' || from === 'ui' ? [ENGINE_API] : []),
      ...(from === 'cli' || from === 'library' ? [PAGE_EXPORTS] : []),
    ],
  },
}));

/** The capabilities in their order (docs/architecture.md): inside a layer, each folder may import only those
 *  of a smaller number. Files at a layer's root serve all of them; `reference`, `kernels`, `parts`, `shell`
 *  and `hooks` stand outside of the order. */
/** @type {Record<string, number>} */
const ORDER = {
  numeric: 1,
  text: 2,
  model: 3,
  activations: 4,
  sae: 5,
  evaluate: 6,
  generate: 6,
  train: 7,
  steer: 7,
  statistics: 8,
  explore: 9,
  circuits: 10,
  share: 11,
};
const orderRules = Object.entries(ORDER).map(([capability, rank]) => {
  const later = Object.entries(ORDER)
    .filter(([name, other]) => name !== capability && other >= rank)
    .map(([name]) => name);
  return {
    name: `order-${capability}`,
    severity: 'error',
    from: { path: `^src/([^/]+)/${capability}/` },
    to: { path: `^src/$1/(${later.join('|')})/` },
  };
});

const ownerRules = Object.entries(OWNERS).map(([pkg, folders]) => ({
  name: `owner-${pkg}`,
  severity: 'error',
  from: { path: '^src/', pathNot: [`^src/(${folders.join('|')})/`, '^src/main\\.tsx$'] },
  to: { path: `node_modules/(@types/)?${pkg}` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'exports-without-react',
      severity: 'error',
      from: { path: PAGE_EXPORTS },
      to: { path: 'node_modules/(@types/)?(react|radix-ui|zustand)(/|$)', reachable: true },
    },
    {
      name: 'page-without-node',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(node|library|cli)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-api-is-types-only',
      severity: 'error',
      from: { path: ENGINE_API },
      to: { path: '^src/', pathNot: ['^src/core/', ENGINE_API] },
    },
    ...layerRules,
    ...orderRules,
    ...ownerRules,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
};
