// What `npm pack` makes, as a user has it: unpacked into an empty project beside the packages that it asks for and no
// others, where its command runs, its library is imported and its types are read. Prints "N passed, N failed".
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const project = mkdtempSync(join(tmpdir(), 'nanoscope-package-'));
const modules = join(project, 'node_modules');
let [passed, failed] = [0, 0];

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** @param {string} name @param {{ status: number | null, stdout: string, stderr: string }} result
 *  @param {(result: { stdout: string }) => boolean} [isRight] */
function check(name, result, isRight = () => true) {
  const isFine = result.status === 0 && isRight(result);
  if (isFine) passed++;
  else failed++;
  console.log(`${isFine ? '✓' : '✗'} ${name}`);
  if (!isFine) console.log(result.stdout, result.stderr);
}

/** Served until it has answered, then ended by Ctrl-C. @param {string} command
 *  @returns {Promise<{ status: number | null, stdout: string, stderr: string }>} */
async function serve(command) {
  const args = [command, 'serve', 'demo', '--port', '0'];
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (part) => (stderr += part));
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const part of child.stdout) {
    stdout += part;
    const address = /http:\S+(?=\/local\/)/.exec(stdout)?.[0];
    if (address === undefined) continue;
    for (const path of ['/', '/local/sae/cfg.json']) {
      const response = await fetch(address + path);
      stderr += response.ok ? '' : `${path}: ${response.status}\n`;
    }
    child.kill('SIGINT');
  }
  const status = await ended;
  return { status: status === 0 && !/: \d{3}/.test(stderr) ? 0 : 1, stdout, stderr };
}

try {
  // The page was built before, by the step in front of this one; prepack would build it again.
  check('the library is built', run('npm', ['run', 'build:lib'], ROOT));
  const packed = run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], ROOT);
  check('it is packed', packed);
  const archive = join(project, packed.stdout.trim().split('\n').at(-1) ?? '');
  const own = join(modules, 'nanoscope');
  mkdirSync(own, { recursive: true });
  check(
    'it is unpacked',
    run('tar', ['-xzf', archive, '-C', own, '--strip-components=1'], project),
  );
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  symlinkSync(join(ROOT, 'public/demo'), join(project, 'demo'));
  const lines = readFileSync(join(ROOT, 'public/demo/corpus.jsonl'), 'utf8').split('\n');
  writeFileSync(join(project, 'text.jsonl'), `${lines.slice(0, 60).join('\n')}\n`);

  const command = join(own, 'bin/nanoscope.mjs');
  /** @param {string[]} args */
  const nanoscope = (...args) => run(process.execPath, [command, ...args], project);
  check('the command says its version', nanoscope('--version'), ({ stdout }) =>
    /^\d+\./.test(stdout),
  );
  // As npm links it, so that npx finds it without asking the registry.
  mkdirSync(join(modules, '.bin'));
  symlinkSync(command, join(modules, '.bin/nanoscope'));
  chmodSync(command, 0o755);
  check('npx runs it', run('npx', ['--no', 'nanoscope', '--version'], project), ({ stdout }) =>
    /^\d+\./.test(stdout),
  );
  check('it serves the page and a folder', await serve(command));
  const small = ['--expansion-factor', '0.5', '--k', '8', '--num-activations', '1024'];
  check(
    'the command trains',
    nanoscope('train', '--checkpoint', 'demo', '--data', 'text.jsonl', '--layer', '0', ...small),
    () => existsSync(join(project, 'out/layer_0/sae_weights.safetensors')),
  );
  writeFileSync(
    join(project, 'use.mjs'),
    `import { Sae } from 'nanoscope';
const { params } = await Sae.open('out/layer_0');
console.log(params.d_in, params.d_sae);`,
  );
  const used = run(process.execPath, ['use.mjs'], project);
  check('the library reads it', used, ({ stdout }) => stdout.trim() === '256 128');
  const where = ['--conditions=browser', '--input-type=module', '--eval'];
  const inBrowser = run(
    process.execPath,
    [...where, "console.log(new URL(import.meta.resolve('nanoscope')).pathname)"],
    project,
  );
  check('a bundler for browsers finds a build of its own', inBrowser, ({ stdout }) => {
    const file = stdout.trim();
    const [, chunk = 'none'] = /from"(\.\/[^"]+)"/.exec(readFileSync(file, 'utf8')) ?? [];
    return file.endsWith('dist/lib/nanoscope.js') && existsSync(join(dirname(file), chunk));
  });
  writeFileSync(
    join(project, 'use.ts'),
    `import { Sae, SaeConfig, InterpretableModel } from 'nanoscope';
const sae: Sae = await Sae.open('out/layer_0');
const width: number = sae.params.d_in;
const model = await InterpretableModel.open('demo');
export const config: SaeConfig = SaeConfig.fromModel(model, { layer: 0, k: width });
// @ts-expect-error a layer is a number
SaeConfig.fromModel(model, { layer: 'first' });`,
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2023',
    '--module',
    'nodenext',
  ];
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  check('its types are read', run(process.execPath, [tsc, ...flags, 'use.ts'], project));
  const size = run('du', ['-sm', archive], project).stdout.split('\t')[0];
  console.log(`packed: ${size} MB`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
