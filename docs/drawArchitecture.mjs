// Draws docs/architecture.svg from the imports of src: `npm run docs`. A unit test compares the file with what
// this draws, so the picture can't go stale. Rows are layers, columns are capabilities.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
/** From the page down to the pure core: a layer imports only what stands below it. */
const LAYERS = [
  'ui',
  'store',
  'cli',
  'node',
  'engine',
  'storage',
  'gpu',
  'model',
  'charts',
  'formats',
  'core',
];
/** In the order of tests/imports.cjs: inside a layer a capability imports only those to its left. */
const CAPABILITIES = [
  ...['numeric', 'text', 'model', 'activations', 'sae', 'evaluate', 'generate', 'train', 'steer'],
  ...['statistics', 'explore', 'circuits', 'share'],
];

const LEFT = 84;
const CELL = 84;
const GAP = 6;
const ROW = 74;
const TOP = 54;

/** @returns {string} the SVG, the same for the same imports */
export function drawArchitecture() {
  const edges = readImports();
  const columns = CAPABILITIES.filter((name) =>
    edges.some(({ from, to }) => from.capability === name || to.capability === name),
  );
  const width = LEFT + columns.length * (CELL + GAP) + 236;
  const height = TOP + LAYERS.length * ROW + 8;
  /** @param {string} layer */
  const y = (layer) => TOP + LAYERS.indexOf(layer) * ROW;
  /** @param {string} capability */
  const x = (capability) => LEFT + columns.indexOf(capability) * (CELL + GAP);

  const parts = columns.map(
    (name) => `<text class="head" x="${x(name) + CELL / 2}" y="${TOP - 16}">${name}</text>`,
  );
  for (const layer of LAYERS) {
    const own = edges.filter(({ from }) => from.layer === layer);
    const below = LAYERS.filter(
      (other) => other !== layer && own.some(({ to }) => to.layer === other),
    );
    parts.push(
      `<text class="layer" x="${LEFT - 12}" y="${y(layer) + 23}">${layer}</text>`,
      `<text class="below" x="${width - 224}" y="${y(layer) + 23}">${below.length > 0 ? `→ ${below.join(', ')}` : ''}</text>`,
    );
    const cells = columns.filter((name) =>
      edges.some((e) => [e.from, e.to].some((p) => p.layer === layer && p.capability === name)),
    );
    // A layer without capability folders is one box across all of them.
    const boxes = cells.length > 0 ? cells.map((name) => ({ at: x(name), size: CELL })) : [];
    if (boxes.length === 0) boxes.push({ at: LEFT, size: columns.length * (CELL + GAP) - GAP });
    for (const box of boxes) {
      parts.push(`<rect x="${box.at}" y="${y(layer)}" width="${box.size}" height="36" rx="6"/>`);
    }
    for (const name of cells) {
      parts.push(
        `<text class="cell" x="${x(name) + CELL / 2}" y="${y(layer) + 23}">${name}</text>`,
      );
    }
    for (const from of cells) {
      for (const to of cells) {
        if (from === to) continue;
        const isImport = own.some(
          (e) => e.to.layer === layer && e.from.capability === from && e.to.capability === to,
        );
        if (!isImport) continue;
        // An arc below the row, deeper the further it reaches.
        const [a, b] = [x(from) + CELL * 0.4, x(to) + CELL * 0.6];
        const deep =
          y(layer) + 40 + 3.2 * Math.abs(columns.indexOf(from) - columns.indexOf(to)) + 6;
        parts.push(
          `<path d="M${a} ${y(layer) + 37}C${a} ${deep} ${b} ${deep} ${b} ${y(layer) + 39}" marker-end="url(#tip)"/>`,
        );
      }
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Layers of nanoscope as rows, capabilities as columns; inside a row every import points to the left, between rows downwards">
<style>
svg { background: #fff; font: 12px system-ui, sans-serif; fill: #222 }
rect { fill: #eef2f7; stroke: #9fb0c3 }
path { fill: none; stroke: #5b7794 }
marker path { fill: #5b7794; stroke: none }
.head, .cell { text-anchor: middle } .head { fill: #667 } .layer { text-anchor: end; font-weight: 600 } .below { fill: #667; font-size: 11px }
@media (prefers-color-scheme: dark) {
svg { background: #14171b; fill: #e6e9ee } rect { fill: #222a33; stroke: #4b5b6d } path { stroke: #8fb0d3 } marker path { fill: #8fb0d3 } .head, .below { fill: #9aa4b1 }
}
</style>
<marker id="tip" viewBox="0 0 6 6" refX="3" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L6 3L0 6z"/></marker>
${parts.join('\n')}
</svg>
`;
}

/** @typedef {{ layer: string, capability: string | null }} Place */

/** Every import inside src, once for each pair of places.
 *  @returns {{ from: Place, to: Place }[]} */
function readImports() {
  /** @type {Map<string, { from: Place, to: Place }>} */
  const found = new Map();
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  for (const name of names.map((path) => path.replaceAll('\\', '/')).sort()) {
    if (!/\.tsx?$/.test(name)) continue;
    const source = readFileSync(join(ROOT, 'src', name), 'utf8');
    for (const { fileName } of ts.preProcessFile(source, true, true).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const [from, to] = [placeOf(name), placeOf(posix.join(posix.dirname(name), fileName))];
      if (from !== null && to !== null) found.set(JSON.stringify([from, to]), { from, to });
    }
  }
  return [...found.values()];
}

/** @param {string} path below src @returns {Place | null} */
function placeOf(path) {
  const [layer, folder, file] = path.split('/');
  if (layer === undefined || folder === undefined || !LAYERS.includes(layer)) return null;
  const isCapability = file !== undefined && CAPABILITIES.includes(folder);
  return { layer, capability: isCapability ? folder : null };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(import.meta.dirname, 'architecture.svg'), drawArchitecture());
}
