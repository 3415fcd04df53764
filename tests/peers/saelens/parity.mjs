// node parity.mjs THEIRS OURS: reads what other tools wrote and writes our files (parity.ts, loaded through Vite).
import { createServer } from 'vite';

const server = await createServer({
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
});
const { comparePeers } = await server.ssrLoadModule('/tests/peers/saelens/parity.ts');
const [theirs, ours] = process.argv.slice(2);
const agrees = await comparePeers(theirs, ours);
await server.close();
process.exit(agrees ? 0 : 1);
