// npm run example -- NAME     runs examples/NAME.ts from the sources of this clone; in a project of your own, after
//                             `npm install nanoscope`, any TypeScript runner does
import { existsSync } from 'node:fs';
import { createServer } from 'vite';

const name = process.argv[2] ?? '';
if (!existsSync(new URL(`${name}.ts`, import.meta.url))) {
  console.error(
    'usage: npm run example -- train-sae | interpret-model | feature-steering | feature-analysis | shapes',
  );
  process.exit(2);
}
const server = await createServer({
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
});
const { main } = await server.ssrLoadModule(`/examples/${name}.ts`);
await main();
process.exit(0);
