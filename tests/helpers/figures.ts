// Figures that e2e tests measure, merged into test-results/figures.json: several specs add their own keys.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'test-results';
const FILE = join(FOLDER, 'figures.json');

export type Figures = Partial<
  Record<
    | 'dashboardMs'
    | 'brushMs'
    | 'tableFps'
    | 'axeSerious'
    | 'd_sae'
    | 'secondOpenMs'
    | `${'dashboardMs' | 'tableFps' | 'tableOwnMs' | 'brushMs' | 'brushOwnMs' | 'mapFps' | 'mapOwnMs'}16k`,
    number
  >
>;

/** Keeps what other specs wrote; the latest value of a key counts. */
export function addFigures(figures: Figures): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ ...readFigures(), ...figures }, null, 2)}\n`);
}

function readFigures(): Figures {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Figures;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw cause;
  }
}
