// npm run bench                     lists the benches
// npm run bench -- NAME [options]   loads bench/NAME.ts through Vite (kernels are imported with ?raw) and calls its
//                                   `run(options)`; each prints a table and, last, one line of JSON
// npm run bench -- NAME --smoke     its smallest runs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';
import { findBrowser, vulkanLoaderEnvironment } from '../tests/helpers/findBrowser.mjs';
import { BENCHES } from './benches.mjs';

const USAGE = 'usage: npm run bench -- NAME [options]; options stand at the top of bench/NAME.ts';
const [name, ...options] = process.argv.slice(2);
const bench = BENCHES.find((known) => known.name === name);
if (bench === undefined) {
  if (name !== undefined) console.error(`bench: no ${name}`);
  const width = Math.max(...BENCHES.map((known) => known.name.length));
  for (const known of BENCHES) console.log(`${known.name.padEnd(width)}  ${known.about}`);
  console.log(USAGE);
  process.exit(name === undefined ? 0 : 2);
}

restartWithVulkanLoader();
const server = await createServer({
  appType: 'custom',
  // Nothing is served to a page: what the page imports need not be bundled.
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
});
const { run } = await server.ssrLoadModule(`/bench/${bench.name}.ts`);
if (options.includes('--smoke')) {
  const folder = mkdtempSync(join(tmpdir(), 'nanoscope-smoke-'));
  try {
    for (const smallest of bench.smoke(folder)) await run(smallest);
  } finally {
    rmSync(folder, { recursive: true });
  }
} else {
  await run(options);
}
// Dawn keeps Node alive.
process.exit(0);

/** Where the system has no Vulkan loader, the one beside Chromium serves; the linker looks for it only when a process
 *  starts. */
function restartWithVulkanLoader() {
  const added = vulkanLoaderEnvironment(findBrowser());
  const folder = added.LD_LIBRARY_PATH?.split(':')[0];
  const isThere = (process.env.LD_LIBRARY_PATH ?? '').split(':').includes(folder ?? '');
  if (folder === undefined || isThere) return;
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, ...added },
  });
  process.exit(status ?? 1);
}
