// Steering inside the real graph against a float64 forward pass with the edit inside: every mode, features
// that fire and that do not, before and after the backout layer, oldest and newest nanochat, the demo.
import { describe, expect, it } from 'vitest';
import { hookPoint, type HookPoint } from '../../../src/core/activations/hookPoint';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import type { SaeParams } from '../../../src/core/sae/sae';
import { unitVector } from '../../../src/core/numeric/vectors';
import type { EditSlot } from '../../../src/core/steer/steerEdit';
import { STEER_MODES, type SteerMode } from '../../../src/core/steer/steering';
import { createSteeringEdits } from '../../../src/engine/steer/steeringEdits';
import type { ResolvedSlot } from '../../../src/engine/steer/steerTargets';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { gaussian } from '../../helpers/cases';
import { maxAbsDifference, readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { FOUR_LAYERS, makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';
import { makeSteerSae } from '../../helpers/steer/steerCases';
import { encodeOracle, steerOracle } from '../../helpers/steer/steerOracle';

// The first session starts ONNX Runtime, while other tests share the cores.
function slotOf(
  hook: HookPoint,
  mode: SteerMode,
  o: { params: SaeParams; latentIndex: number } | Float32Array,
  isNorm = false,
): ResolvedSlot {
  const isVector = o instanceof Float32Array;
  const direction = isVector
    ? o
    : o.params.W_dec.slice(o.latentIndex * o.params.d_in, (o.latentIndex + 1) * o.params.d_in);
  const edit: EditSlot = { mode, isNorm, scale: 1.5, direction, latent: isVector ? null : o };
  return { hook, edit, maxAct: null, sae: null };
}

type Lab = Awaited<ReturnType<typeof openLab>>;

async function openLab(checkpoint: NanochatCheckpoint, tokenIds: Int32Array) {
  const weights = await readReferenceWeights(checkpoint);
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const d = checkpoint.config.n_embd;
  const plain = nanochatReference(weights, tokenIds).logits;
  const rowsOf = (hook: HookPoint) => {
    let rows = new Float64Array();
    nanochatReference(weights, tokenIds, (at, x) => {
      if (at === hook) rows = x.slice();
    });
    return rows;
  };
  /** Logits of the graph and of the float64 pass, all positions but <|bos|> steered. */
  const both = async (slots: ResolvedSlot[], values: (number | null)[], clip: number | null) => {
    const edits = await createSteeringEdits({
      slots,
      clip,
      maxRows: 64,
      context: null,
      breathe: () => Promise.resolve(),
    });
    const steered = Array.from(tokenIds, (_, i) => i > 0);
    edits.prepare({ lane: 0, steered, values: () => values });
    const logits = await runtime.logits(tokenIds, 1, edits.edits);
    const oracle = nanochatReference(weights, tokenIds, (at, x) => {
      const own = [...slots.keys()].filter((i) => slots[i]!.hook === at);
      if (own.length === 0) return;
      for (let row = 1; row < tokenIds.length; row++) {
        const h = x.subarray(row * d, (row + 1) * d);
        const kept = own.map((i) => slots[i]!.edit);
        h.set(
          steerOracle(
            h,
            kept,
            own.map((i) => values[i]!),
            clip,
          ),
        );
      }
    });
    return { logits, oracle: oracle.logits, readout: await edits.read() };
  };
  return { both, rowsOf, plain, d, tokenIds, dispose: () => runtime.dispose() };
}

/** A latent that fires on the last token and one that does not. */
function pickLatents({ rowsOf, d }: Lab, hook: HookPoint, params: SaeParams) {
  const code = encodeOracle(rowsOf(hook).slice(-d), params);
  const firing = code.findIndex((act) => act > 0.1);
  const silent = code.findIndex((act) => act === 0);
  expect(firing).toBeGreaterThanOrEqual(0);
  expect(silent).toBeGreaterThanOrEqual(0);
  return { firing, silent };
}

const ARCHITECTURES = ['topk', 'relu', 'jumprelu', 'gated'] as const;
const REVISIONS = [
  { name: 'r5', revision: NANOCHAT_REVISIONS[0]! },
  { name: 'r1', revision: NANOCHAT_REVISIONS.at(-1)! },
];

describe.each(REVISIONS)('steering $name', ({ revision }) => {
  const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, { ...revision, shortWindow: () => 5 }, 23);
  const lab = openLab(checkpoint, randomTokens(9, FOUR_LAYERS.vocab_size, 6));

  describe.each([1, 3])('at layer %i', (layer) => {
    const hook = hookPoint(layer, 'hook_resid_post');
    it.each(STEER_MODES)('%s does what the float64 pass says', async (mode) => {
      const opened = await lab;
      for (const architecture of ARCHITECTURES) {
        const params = makeSteerSae(architecture, { d: opened.d, d_sae: 48, seed: 8 });
        const { firing, silent } = pickLatents(opened, hook, params);
        for (const latentIndex of [firing, silent]) {
          const slots = [slotOf(hook, mode, { params, latentIndex })];
          const { logits, oracle, readout } = await opened.both(slots, [1.4], null);
          expect(maxAbsDifference(logits, oracle)).toBeLessThan(1e-3);
          const { before } = readout.slots[0]!;
          if (before !== null) expect(before > 0).toBe(latentIndex === firing);
          if (mode === 'add') expect(maxAbsDifference(oracle, opened.plain)).toBeGreaterThan(0.02);
          const acts = mode === 'scale' || mode === 'ablate';
          if (acts && latentIndex === firing) {
            expect(maxAbsDifference(oracle, opened.plain)).toBeGreaterThan(1e-3);
          }
        }
      }
    });
  });

  it('several layers, slots, units and the clip together', async () => {
    const opened = await lab;
    const [first, second] = [hookPoint(0, 'hook_mlp_out'), hookPoint(3, 'hook_attn_out')];
    const params = makeSteerSae('relu', { d: opened.d, d_sae: 48, seed: 8 });
    const vector = unitVector(gaussian(opened.d, 5));
    const slots = [
      slotOf(second, 'add', { params, latentIndex: 1 }, true),
      slotOf(first, 'scale', { params, latentIndex: 2 }),
      slotOf(first, 'set', vector),
      slotOf(first, 'cap', { params, latentIndex: 3 }),
      slotOf(second, 'add', vector, true),
      slotOf(second, 'ablate', { params, latentIndex: 4 }),
    ];
    const values = [2, 3, -1, 0.1, 0.7, 1];
    const { logits, oracle, readout } = await opened.both(slots, values, 0.8);
    expect(maxAbsDifference(logits, oracle)).toBeLessThan(1e-3);
    expect(readout.edits.map(({ hook }) => hook).sort()).toEqual([first, second].sort());
    const atSecond = readout.edits.find(({ hook }) => hook === second)!;
    expect(atSecond).toMatchObject({ editedRows: 8, clippedRows: 8 });
    expect(atSecond.relativeNorm).toBeCloseTo(0.8, 4);
  });
});

it('steers the demo model as the float64 pass does', async () => {
  const { tokenIds } = readGolden('short');
  const lab = await openLab(await readDemoCheckpoint(), tokenIds);
  const hook = hookPoint(2, 'hook_resid_post');
  const params = makeSteerSae('topk', { d: lab.d, d_sae: 256, seed: 8 });
  const { firing, silent } = pickLatents(lab, hook, params);
  const slots = [
    slotOf(hook, 'add', { params, latentIndex: silent }),
    slotOf(hook, 'scale', { params, latentIndex: firing }),
    slotOf(hookPoint(3, 'hook_resid_pre'), 'set', unitVector(gaussian(lab.d, 5))),
  ];
  const { logits, oracle } = await lab.both(slots, [4, 3, 10], null);
  expect(maxAbsDifference(logits, oracle)).toBeLessThan(1e-3);
  expect(maxAbsDifference(oracle, lab.plain)).toBeGreaterThan(0.1);
  await lab.dispose();
});

it('reads the strength once a step, after the layers below and whatever was said meanwhile', async () => {
  const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, NANOCHAT_REVISIONS[0]!, 23);
  const tokenIds = randomTokens(9, FOUR_LAYERS.vocab_size, 6);
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const vector = unitVector(gaussian(FOUR_LAYERS.n_embd, 5));
  const hooks = [hookPoint(1, 'hook_resid_post'), hookPoint(3, 'hook_resid_post')];
  const slots = hooks.map((hook) => slotOf(hook, 'add', vector));
  const heard: string[] = [];
  let strength = 1;
  const edits = await createSteeringEdits({
    slots,
    clip: null,
    maxRows: 64,
    context: null,
    breathe: () => {
      heard.push('breath');
      strength = 2;
      return Promise.resolve();
    },
  });
  const values = () => {
    heard.push(`read ${strength}`);
    return [strength, strength];
  };
  edits.prepare({ lane: 0, steered: Array.from(tokenIds, () => true), values });
  await runtime.logits(tokenIds, 1, edits.edits);
  expect(heard).toEqual(['breath', 'read 2']);
  expect(edits.values()).toEqual([2, 2]);
  edits.prepare({ lane: 0, steered: Array.from(tokenIds, () => false), values });
  await runtime.logits(tokenIds, 1, edits.edits);
  expect(heard).toEqual(['breath', 'read 2']);
  await runtime.dispose();
});
