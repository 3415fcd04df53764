// A loaded model leaves no copy of its weights on JavaScript's side: they are the runtime's then. What a d20 takes on
// the way is measured by `npm run bench -- import`.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { readDemoCheckpoint } from '../../helpers/model/modelDemo';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in array buffers that something still holds. */
async function heldBytes(): Promise<number> {
  // Buffers are given back by finalizers, which run in turns of their own.
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().arrayBuffers;
}

it('holds no weights once the sessions exist', async () => {
  const checkpoint = await readDemoCheckpoint();
  const before = await heldBytes();
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const session = await runtime.startDecode({ lanes: 1, edits: [] });
  await session.step(Int32Array.of(1));
  const grown = (await heldBytes()) - before;
  session.dispose();
  await runtime.dispose();
  expect(4 * checkpoint.parameterCount).toBeGreaterThan(25e6);
  expect(grown).toBeLessThan(3e6);
});
