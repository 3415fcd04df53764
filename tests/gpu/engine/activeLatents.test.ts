// The latents of a text through the whole engine, against the encoder's twin on the same hook output.
import { openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { activePerToken } from '../../../src/core/explore/activeText';
import { saeEncodeReference } from '../../../src/core/reference/saeEncode';
import { topkReference } from '../../../src/core/reference/topkRow';
import type { Outcome } from '../../../src/engine/shared/api';
import type { ActiveText } from '../../../src/engine/explore/api';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { DEMO_FOLDER, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const HOOK = 'blocks.2.hook_resid_post';
const SAE = (
  JSON.parse(readFileSync(join(DEMO_FOLDER, 'sae/facts.json'), 'utf8')) as { saeId: string }
).saeId;
let node: ListenedEngine;

beforeAll(async () => {
  node = await startNodeEngine(
    makeNodeParts({
      openDevice: borrowDevice,
    }),
  );
  expect((await node.engine.model.open({ kind: 'demo' })).ok).toBe(true);
});
const ask = (text: string, purpose = 'test') =>
  node.engine.explore.activeLatents({ saeIds: [SAE], text, purpose });

function valueOf(outcome: Outcome<ActiveText>): ActiveText {
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
}

/** The twin: one forward pass, encode and TopK in f64. */
async function reference(ids: Int32Array) {
  const files = ['cfg.json', 'sae_weights.safetensors'].map(async (path) => ({
    path,
    blob: await openAsBlob(join(DEMO_FOLDER, 'sae', path)),
  }));
  const { params } = await parseSaeLens(await Promise.all(files));
  if (params.architecture !== 'topk') throw new Error('the demo SAE is TopK');
  const { d_in, d_sae, k } = params;
  const checkpoint = await readDemoCheckpoint();
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const capture = await runtime.capture(ids, 1, [HOOK]);
  const matrix = capture.hooks.get(HOOK);
  if (matrix?.where !== 'cpu') throw new Error('wasm captures on the CPU');
  const xc = matrix.data.slice(d_in).map((value, j) => value - params.b_dec[j % d_in]!);
  capture.release();
  await runtime.dispose();
  const W_enc = new Float32Array(d_in * d_sae);
  for (let i = 0; i < d_in; i++) {
    for (let latent = 0; latent < d_sae; latent++) {
      W_enc[latent * d_in + i] = params.W_enc[i * d_sae + latent]!;
    }
  }
  const rows = ids.length - 1;
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: params.b_enc });
  return activePerToken(topkReference(preActs, { rows, d_sae, k }));
}

it('lists per token what the encoder’s twin finds, <|bos|> read and not listed', async () => {
  const text = 'Once upon a time there was a small dog.';
  const found = valueOf(await ask(text));
  expect(found.tokens.map((token) => token.text).join('')).toBe(text);
  expect(found.leftOut).toBe(0);
  const bos = readGolden('long').tokenIds[0]!;
  const ids = Int32Array.from([bos, ...found.tokens.map((token) => token.tokenId)]);
  const expected = await reference(ids);
  const tokens = found.saes[0]!.tokens;
  expect(tokens).toHaveLength(expected.length);
  for (const [t, active] of expected.entries()) {
    // The weakest of k may swap with the next beyond the cut: compared is all that is clearly above it.
    const clear = active.filter(({ act }) => act > 1.01 * active.at(-1)!.act);
    expect(clear.length).toBeGreaterThan(5);
    const acts = new Map(tokens[t]!.map(({ latentIndex, act }) => [latentIndex, act]));
    for (const { latentIndex, act } of clear) {
      expect(acts.get(latentIndex)! / act).toBeCloseTo(1, 3);
    }
  }
  const top = found.saes[0]!.latents[0]!;
  expect(top.maxAct).toBe(Math.max(...tokens.flat().map(({ act }) => act)));
});

it('reads a text longer than the context in parts, each after <|bos|>, and cuts at 2,000 tokens', async () => {
  const long = valueOf(await ask('The cat sat on the mat. '.repeat(500)));
  expect(long.tokens).toHaveLength(2000);
  expect(long.leftOut).toBeGreaterThan(0);
  expect(long.saes[0]!.tokens).toHaveLength(2000);
  const short = valueOf(await ask('The cat sat on the mat. '));
  expect(long.saes[0]!.tokens[3]!.map((active) => active.latentIndex)).toEqual(
    short.saes[0]!.tokens[3]!.map((active) => active.latentIndex),
  );
});

it('cancels an older request of the same purpose, and refuses an empty text with a reason', async () => {
  const first = ask('The cat sat on the mat. '.repeat(300), 'search');
  const second = ask('A dog.', 'search');
  expect(await first).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  expect((await second).ok).toBe(true);
  expect(await ask('  ')).toMatchObject({ ok: false, problem: { field: 'text' } });
});
