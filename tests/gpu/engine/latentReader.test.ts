// One latent of the demo SAE on the demo model through the engine, against the f64 forward pass: activations
// of a text, and what switching the latent off does to every prediction.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  nanochatReference,
  readReferenceWeights,
  type ReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { encodeRowsReference } from '../../../src/core/reference/encodeRows';
import { logSumExp } from '../../../src/core/numeric/softmax';
import type { SaeParams } from '../../../src/core/sae/sae';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { LatentReading } from '../../../src/engine/explore/api';
import { fetchDemoEntry } from '../../../src/engine/sae/saeEntries';
import { readDemoCheckpoint } from '../../helpers/model/modelDemo';
import '../../helpers/matchers';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const TEXT = 'Once upon a time there was a little dog who liked to run.';

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

let demo: ListenedEngine;
let sae: SaeFacts;
let params: SaeParams;
let weights: ReferenceWeights;
let reading: LatentReading;
/** the latent with the strongest activation on the text, and where */
let latentIndex: number;
let peak: number;

/** Runs the reference, taking f_i · d̂ off the rows of `edited`; returns logits and activations. */
function reference(tokenIds: number[], edited: readonly number[]) {
  const { d_in, W_dec } = params;
  let acts = new Float32Array(tokenIds.length);
  const { logits } = nanochatReference(weights, Int32Array.from(tokenIds), (hook, x) => {
    if (hook !== sae.hookPoint) return;
    const all = { data: Float32Array.from(x), cols: d_in };
    const code = encodeRowsReference(params, all, Uint32Array.from(tokenIds.keys()));
    acts = Float32Array.from(tokenIds, (_, t) => {
      const slots = code.latentIndices.subarray(t * code.k, (t + 1) * code.k);
      const slot = slots.indexOf(latentIndex);
      return slot === -1 ? 0 : code.latentActs[t * code.k + slot]!;
    });
    for (const t of edited) {
      for (let i = 0; i < d_in; i++) x[t * d_in + i]! -= acts[t]! * W_dec[latentIndex * d_in + i]!;
    }
  });
  return { logits, acts };
}

function rowOf(logits: Float64Array, t: number, length: number): Float32Array {
  const width = logits.length / length;
  return Float32Array.from(logits.subarray(t * width, (t + 1) * width));
}

beforeAll(async () => {
  const parts = makeNodeParts({ openDevice: borrowDevice });
  demo = await startNodeEngine(parts);
  valueOf(await demo.engine.model.open({ kind: 'demo' }));
  sae = (await demo.engine.sae.list()).find((one) => one.origin === 'demo')!;
  const entry = await fetchDemoEntry(parts);
  params = await entry.loadParams();
  weights = await readReferenceWeights(await readDemoCheckpoint());
  const rows = valueOf(await demo.engine.statistics.rows(sae.saeId));
  // Of the latents that fire strongest in the middle of the text, the one that matters most.
  const { saeId } = sae;
  const found = [];
  for (const row of rows.filter(({ density }) => density > 0.01 && density < 0.2)) {
    const read = valueOf(
      await demo.engine.explore.readText({ saeId, latentIndex: row.latentIndex, text: TEXT }),
    );
    const at = read.tokens.findIndex(({ act, isSpecial }) => act === read.maxAct && !isSpecial);
    if (at >= 4 && at <= read.tokens.length - 4) found.push({ row, at, read });
  }
  found.sort((a, b) => b.read.maxAct - a.read.maxAct);
  let most = 0;
  for (const { row, at, read } of found.slice(0, 16)) {
    const asked = { saeId, latentIndex: row.latentIndex, position: at };
    const tokenIds = read.tokens.map(({ tokenId }) => tokenId);
    const { tokens } = valueOf(await demo.engine.explore.ablate({ ...asked, tokenIds }));
    const effect = tokens[at]!.kl;
    if (effect > most) [most, latentIndex, peak, reading] = [effect, row.latentIndex, at, read];
  }
});

describe('the next tokens', () => {
  it('have the log-probabilities of the f64 forward pass, whether <|bos|> leads or not', async () => {
    const tokenIds = reading.tokens.map(({ tokenId }) => tokenId);
    const { length } = tokenIds;
    const { logits } = reference(tokenIds, []);
    const wanted = tokenIds.slice(1).map((next, t) => {
      const row = rowOf(logits, t, length);
      return row[next]! - logSumExp(row);
    });
    const read = valueOf(await demo.engine.explore.nextLogProbs(tokenIds));
    expect(read.at(-1)).toBeNull();
    expect(read.slice(0, -1).map(Number)).toBeAllclose(wanted, { rtol: 1e-4, atol: 1e-4 });
    const unled = valueOf(await demo.engine.explore.nextLogProbs(tokenIds.slice(1)));
    expect(unled).toEqual(read.slice(1));
  });

  it('are refused for tokens the model does not know, and for too many', async () => {
    for (const [tokenIds, what] of [
      [[99_999], /^token 99999 is not one of this model's/],
      [new Array<number>(300).fill(5), /^The example has 301 tokens; at most 256 can be run again/],
      [[], /^The example has no token to run/],
    ] as const) {
      const outcome = await demo.engine.explore.nextLogProbs([...tokenIds]);
      expect(outcome).toMatchObject({ ok: false, problem: { kind: 'config' } });
      if (!outcome.ok) expect(outcome.problem.what).toMatch(what);
    }
  });
});

describe('reading a text', () => {
  it('leads it with <|bos|> and gives the activations of the f64 forward pass', () => {
    expect(reading.tokens[0]).toMatchObject({ text: '<|bos|>', isSpecial: true });
    expect(
      reading.tokens
        .slice(1)
        .map(({ text }) => text)
        .join(''),
    ).toBe(TEXT);
    const { acts } = reference(
      reading.tokens.map(({ tokenId }) => tokenId),
      [],
    );
    expect(reading.tokens.map(({ act }) => act)).toBeAllclose([...acts], {
      rtol: 1e-3,
      atol: 1e-3,
    });
  });

  it('answers the newest question only', async () => {
    const ask = (text: string) =>
      demo.engine.explore.readText({ saeId: sae.saeId, latentIndex, text });
    const [first, second, third] = await Promise.all([ask('one'), ask('two'), ask('a dog')]);
    expect(first).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
    expect(second).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
    expect(valueOf(third).tokens.at(-1)!.text).toBe(' dog');
  });

  it('refuses a text that is too long, and an unknown feature, with the bound', async () => {
    const { saeId } = sae;
    const long = await demo.engine.explore.readText({ saeId, latentIndex, text: 'a'.repeat(501) });
    expect(long).toMatchObject({
      problem: { what: 'The text has 501 characters; at most 500 can be read.' },
    });
    const unknown = await demo.engine.explore.readText({ saeId, latentIndex: 99_999, text: 'a' });
    expect(unknown).toMatchObject({ problem: { kind: 'config', field: 'latentIndex' } });
  });
});

describe('ablation', () => {
  const counted = () => reading.tokens.flatMap(({ isSpecial }, t) => (isSpecial ? [] : [t]));

  it.each(['everywhere', 'at the peak only'])('%s is the f64 rerun', async (where) => {
    const tokenIds = reading.tokens.map(({ tokenId }) => tokenId);
    const edited = where === 'everywhere' ? counted() : [peak];
    const position = where === 'everywhere' ? null : peak;
    const { saeId } = sae;
    const ablation = valueOf(
      await demo.engine.explore.ablate({ saeId, latentIndex, tokenIds, position }),
    );
    const base = reference(tokenIds, []);
    const ablated = reference(tokenIds, edited);
    const first = edited.find((t) => base.acts[t]! > 0)!;
    expect(ablation.firstChanged).toBe(first);
    for (const [t, token] of ablation.tokens.entries()) {
      const [p, q] = [base, ablated].map(({ logits }) => rowOf(logits, t, tokenIds.length));
      const [pSum, qSum] = [logSumExp(p!), logSumExp(q!)];
      const kl = p!.reduce((sum, z, v) => {
        return sum + Math.exp(z - pSum) * (z - pSum - q![v]! + qSum);
      }, 0);
      expect(Math.abs(token.kl - kl)).toBeLessThan(1e-3);
      const next = tokenIds[t + 1];
      if (next === undefined) expect(token.deltaLogProb).toBeNull();
      else {
        const change = q![next]! - qSum - (p![next]! - pSum);
        expect(Math.abs(token.deltaLogProb! - change)).toBeLessThan(1e-3);
      }
      expect(token.isEdited).toBe(edited.includes(t));
      if (t < first) expect(token.kl).toBeLessThan(1e-6);
    }
    // The edit does something, and far more than the tolerance.
    expect(Math.max(...ablation.tokens.map(({ kl }) => kl))).toBeGreaterThan(0.02);
  });

  it('puts <|bos|> before an example that lacks it', async () => {
    const tokenIds = reading.tokens.slice(1).map(({ tokenId }) => tokenId);
    const asked = { saeId: sae.saeId, latentIndex, tokenIds, position: peak - 1 };
    const ablation = valueOf(await demo.engine.explore.ablate(asked));
    expect(ablation.tokens).toHaveLength(tokenIds.length + 1);
    expect(ablation.tokens.findIndex(({ isEdited }) => isEdited)).toBe(peak);
  });

  it('says so where the feature is silent, and refuses what it cannot run', async () => {
    const { saeId } = sae;
    const silent = reading.tokens.findIndex(({ act, isSpecial }) => act === 0 && !isSpecial);
    const tokenIds = reading.tokens.map(({ tokenId }) => tokenId);
    const nothing = valueOf(
      await demo.engine.explore.ablate({ saeId, latentIndex, tokenIds, position: silent }),
    );
    expect(nothing.firstChanged).toBeNull();
    expect(Math.max(...nothing.tokens.map(({ kl }) => kl))).toBeLessThan(1e-6);
    const asked = { saeId, latentIndex, position: null };
    const long = await demo.engine.explore.ablate({
      ...asked,
      tokenIds: new Array<number>(300).fill(20),
    });
    expect(long).toMatchObject({ ok: false, problem: { field: 'text' } });
    const foreign = await demo.engine.explore.ablate({ ...asked, tokenIds: [70_000] });
    expect(foreign).toMatchObject({ ok: false, problem: { field: 'text' } });
  });
});
