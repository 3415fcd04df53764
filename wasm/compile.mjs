// Compiles the processor's kernels (AssemblyScript) for whoever imports `wasm/kernels.ts?compiled`: a module with
// builds in base64: `plain` and `fused` (with fused multiply-add, which not every browser has yet), and of each one for
// memory that threads share.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not a literal where it is imported: the compiler's types redeclare Array and others for the whole project.
const COMPILER = ['assemblyscript', 'asc'].join('/');

const QUERY = '?compiled';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
const FUSED = ['--enable', 'relaxed-simd', '--use', 'FUSED=1'];
const SHARED = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];
const BUILDS = {
  plain: [],
  fused: FUSED,
  plainShared: SHARED,
  fusedShared: [...FUSED, ...SHARED],
};

/** What was compiled, by a hash of all that it is made of. Compiling takes four seconds of a core, and each build, test
 *  run and bench would do it again. */
const CACHE = join(FOLDER, '../node_modules/.cache/kernels');

/** @returns {import('vite').Plugin} */
export function compiledKernels() {
  return {
    name: 'compiled-kernels',
    async load(id) {
      if (!id.endsWith(QUERY)) return null;
      const sources = readdirSync(FOLDER).map((name) => FOLDER + name);
      for (const source of sources) this.addWatchFile(source);
      return cached(sources, () => compileAll(id.slice(0, -QUERY.length)));
    },
  };
}

/** @param {string[]} sources @param {() => Promise<string>} make @returns {Promise<string>} */
async function cached(sources, make) {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source)).update('\0');
  hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  const file = join(CACHE, `${hash.digest('hex').slice(0, 16)}.js`);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not compiled yet.
  }
  const made = await make();
  mkdirSync(CACHE, { recursive: true });
  // Whole or not at all: another process may be reading it.
  writeFileSync(`${file}.${process.pid}`, made);
  renameSync(`${file}.${process.pid}`, file);
  return made;
}

/** @param {string} entry */
async function compileAll(entry) {
  const builds = Object.entries(BUILDS).map(async ([name, options]) => {
    const bytes = await compile(entry, [...OPTIONS, ...options]);
    return `${name}: '${Buffer.from(bytes).toString('base64')}'`;
  });
  return `export default { ${(await Promise.all(builds)).join(', ')} };`;
}

/**
 * @param {string} entry
 * @param {string[]} options
 * @returns {Promise<Uint8Array>}
 */
async function compile(entry, options) {
  /** @type {{ default: { main: (options: string[], api: object) => Promise<{ error: Error | null }> } }} */
  const { default: asc } = await import(/* @vite-ignore */ COMPILER);
  /** @type {Uint8Array | null} */
  let made = null;
  let said = '';
  const { error } = await asc.main(
    [entry.slice(FOLDER.length), '--baseDir', FOLDER, '--outFile', 'kernels.wasm', ...options],
    {
      readFile: (/** @type {string} */ name, /** @type {string} */ base) => {
        try {
          return readFileSync(`${base}/${name}`, 'utf8');
        } catch {
          // The compiler tries several places for an import.
          return null;
        }
      },
      writeFile: (/** @type {string} */ _, /** @type {unknown} */ contents) => {
        if (contents instanceof Uint8Array) made = contents;
      },
      listFiles: () => null,
      stderr: {
        write: (/** @type {string} */ text) => {
          said += text;
          return true;
        },
      },
    },
  );
  if (error !== null || made === null) throw new Error(`AssemblyScript: ${said}`);
  return made;
}
