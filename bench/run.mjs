// npm run bench -- NAME [options]: loads bench/NAME.ts through Vite (kernels are imported with ?raw)
// and calls its `run(options)`. Each bench prints a table and, last, one line of JSON.
import { existsSync } from 'node:fs';
import { createServer } from 'vite';

const [name, ...options] = process.argv.slice(2);
const file = `bench/${name}.ts`;
if (!name || !existsSync(file)) {
  console.error(`bench: no ${name ?? 'name'}; usage: npm run bench -- quality --demo --json`);
  process.exit(2);
}
const server = await createServer({
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
});
const bench = await server.ssrLoadModule(`/${file}`);
await bench.run(options);
// Dawn keeps Node alive.
process.exit(0);
