// Whether an SAE belongs to the open model, measured on the demo: its own SAE, and one of a model of the same shape
// whose residual stream has another basis.
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIT_TOKENS, isLowFit } from '../../../../src/core/evaluate/saeFit';
import type { SaeParams } from '../../../../src/core/sae/sae';
import type { Outcome } from '../../../../src/engine/shared/api';
import {
  formatSaeLens,
  parseSaeLens,
  type SaeLensFacts,
} from '../../../../src/formats/sae/saelens';
import { startNodeEngine, type ListenedEngine } from '../../../helpers/engine/nodeEngine';
import { createShortDemo, DEMO_FOLDER, makeNodeParts } from '../../../helpers/engine/nodeParts';

const JOB = 5;
let listened: ListenedEngine;
let params: SaeParams;
let hook: SaeLensFacts['hookPoint'];

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
}

beforeAll(async () => {
  const openDevice = () =>
    Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none here' } as const);
  listened = await startNodeEngine(makeNodeParts({ openDevice, demo: createShortDemo() }));
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
  const files = ['cfg.json', 'sae_weights.safetensors'].map(async (path) => ({
    path,
    blob: await openAsBlob(join(DEMO_FOLDER, 'sae', path)),
  }));
  const parsed = await parseSaeLens(await Promise.all(files));
  params = parsed.params;
  hook = parsed.hookName;
});

async function importAs(o: { params?: SaeParams }) {
  const facts: SaeLensFacts = {
    architecture: 'topk',
    k: null,
    hookPoint: hook,
    modelName: 'pythia-14m',
    contextSize: 256,
    prependBos: true,
    excludeSpecialTokens: true,
    datasetPath: 'pile',
    statistics: null,
    version: 'test',
    tokens: null,
    l0: null,
    deadCount: null,
    explainedVariance: null,
    fireRates: null,
  };
  const written = formatSaeLens(o.params ?? params, facts);
  const dropped = [...written].map(([path, bytes]) => ({ path, blob: new Blob([bytes]) }));
  return valueOf(await listened.engine.sae.import(dropped)).saeId;
}

/** The residual stream's dimensions in another order, as another training run might have them. */
function inOtherBasis(p: SaeParams): SaeParams {
  const { d_in, d_sae } = p;
  const from = (i: number) => (i * 7 + 3) % d_in;
  return {
    ...p,
    W_enc: p.W_enc.map((_, at) => p.W_enc[from(Math.floor(at / d_sae)) * d_sae + (at % d_sae)]!),
    W_dec: p.W_dec.map((_, at) => p.W_dec[at - (at % d_in) + from(at % d_in)]!),
    b_dec: p.b_dec.map((_, i) => p.b_dec[from(i)]!),
  };
}

describe('an SAE on the open model (7.14)', () => {
  it('of the model explains most of its stream', async () => {
    const fit = valueOf(await listened.engine.evaluate.measureFit(await importAs({}), JOB));
    // As many as the held-out part of the short text has.
    expect(fit.tokens).toBeGreaterThan(1000);
    expect(fit.tokens).toBeLessThanOrEqual(FIT_TOKENS);
    expect(isLowFit(fit)).toBe(false);
    expect(fit.explainedVariance).toBeGreaterThan(0.5);
    const told = listened.events.flatMap((event) =>
      event.kind === 'progress' && event.progress?.kind === 'fit' ? [event.progress.done] : [],
    );
    expect(told.at(-1)).toBe(fit.tokens);
  });

  it('of a model with another basis does not', async () => {
    const saeId = await importAs({ params: inOtherBasis(params) });
    const fit = valueOf(await listened.engine.evaluate.measureFit(saeId));
    expect(isLowFit(fit)).toBe(true);
  });

  it('ends when it is cancelled', async () => {
    const { engine } = listened;
    const measuring = engine.evaluate.measureFit(await importAs({}), JOB);
    await engine.cancel(JOB);
    expect(await measuring).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  });
});
