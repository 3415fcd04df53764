// One step of ReLU-L1, Gated or JumpReLU on the processor (sae.md §5–7). Few latents take part in a row once training
// has begun, so it works on a sparse code; where all do, that costs no more than dense products would. Gradients are
// stored, because clipping needs the norm of all of them.
import { hasUnitDecoder } from '../../core/sae/architecture';
import type { ExtraName } from '../../core/sae/stateShape';
import {
  CLIP_EPS,
  denseLossAt,
  LATENT_VECTORS,
  type DenseConfig,
} from '../../core/train/denseLoss';
import { deadLatents, type StepMetrics, type TrainerState } from '../../core/train/trainerState';
import { createArena, type Arena } from '../arena';
import { CHUNK_ROWS, forwardWords, makeForward } from '../sae/cpuForward';
import type { CpuStep, StepOptions } from './cpuStep';
import { addDenseSlots, type DenseSlots, type LatentVectors } from './denseCode';
import { denseGradient, makeLatentSums, type LatentSums } from './denseGradient';
import { entryWords, sortByLatent } from './entriesByLatent';
import { gatherRows } from './gatherRows';
import { countSilence } from './silence';
import {
  adamStepOf,
  makeStateMemory,
  rowStride,
  stateWords,
  type StateMemory,
} from './stateMemory';

function denseWords(config: DenseConfig, state: TrainerState, threads: number) {
  const { batchSize: rows, d_in, d_sae } = config;
  const d = rowStride(d_in);
  const isGated = config.architecture === 'gated';
  // Every latent may take part in every row; memory that no step touches costs nothing.
  const slots = rows * d_sae;
  return {
    ...stateWords(config, state),
    ...forwardWords(config, threads),
    ...entryWords(slots, d_sae),
    starts: rows + 1,
    xc: rows * d,
    target: config.applyBDecToInput ? 0 : rows * d,
    gradient: rows * d,
    gateGradient: isGated ? d : 0,
    latents: slots,
    acts: slots,
    slotPreActs: slots,
    deltas: slots,
    gateActs: isGated ? slots : 0,
    gateDeltas: isGated ? slots : 0,
    norms: d_sae,
    gEnc: d_sae * d,
    gDec: d_sae * d,
    gBiasDec: d,
    gVector: rowStride(d_sae),
    factor: 4,
    deltaSums: d_sae,
  };
}

type DenseArena = Arena<keyof ReturnType<typeof denseWords>>;

export async function createDenseStep(o: StepOptions<DenseConfig>): Promise<CpuStep> {
  const { config, calibration } = o;
  const { batchSize: rows, d_in, d_sae } = config;
  const d = rowStride(d_in);
  const arena = await createArena(
    `sae_trainer ${config.architecture}`,
    denseWords(config, o.state, 1 + (o.others?.count ?? 0)),
    o.others,
  );
  const { kernels, at, f32, u32 } = arena;
  const weights = makeStateMemory(arena, config, o.state);
  const forward = makeForward(arena, config);
  const vectors = vectorsOf(weights, config);
  const tokensSinceFired = o.state.tokensSinceFired.slice();
  const slots: DenseSlots = {
    starts: u32.starts,
    decoded: new Uint32Array(rows),
    latents: u32.latents,
    acts: f32.acts,
    preActs: f32.slotPreActs,
    gateActs: f32.gateActs,
  };
  const noBias = new Float32Array(d_sae);

  /** The code of `count` rows; returns how many pre-activations were NaN. */
  const encode = (rowIndices: Uint32Array, step: number, dead: Uint32Array): number => {
    gatherRows(arena.f32, o, rowIndices, { d, config, b_dec: weights.values('b_dec') });
    const bias = config.architecture === 'gated' ? noBias : vectors.b_enc;
    forward.setWeights(weights.of('W_enc'), d, 1, bias);
    const loss = denseLossAt(config, step);
    let nanCount = 0;
    for (let first = 0; first < rowIndices.length; first += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rowIndices.length - first);
      nanCount += forward.encode(at.xc + 4 * first * d, d, count);
      for (let row = 0; row < count; row++) {
        const from = row * forward.stride;
        const h = f32.preActs.subarray(from, from + d_sae);
        addDenseSlots(slots, first + row, h, { loss, vectors, dead });
      }
    }
    return nanCount;
  };

  /** 2/B · (x̂ − x) of a row, and ‖x̂ − x‖². */
  const decodeRow = (row: number, acts: number, out: number): number => {
    const targets = config.applyBDecToInput ? at.xc : at.target;
    const first = slots.starts[row]!;
    const count = slots.decoded[row]! - first;
    const latents = at.latents + 4 * first;
    const target = targets + 4 * d * row;
    kernels.decodeSlots(latents, acts + 4 * first, count, at['W_dec.p'], d, target, -1, out);
    return kernels.squaresThenScale(out, d, 2 / rows);
  };

  const run = (rowIndices: Uint32Array, step: number): StepMetrics => {
    const dead = deadLatents(tokensSinceFired, config.deadAfterTokens);
    const nanCount = encode(rowIndices, step, dead);
    const loss = denseLossAt(config, step);
    const fired = new Uint8Array(d_sae);
    const l0 = countFired(slots, fired) / rows;
    kernels.rowNorms(weights.of('W_dec'), d_sae, d, at.norms);
    let [mse, gateMse] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const out = at.gradient + 4 * d * row;
      mse += decodeRow(row, at.acts, out) / rows;
      const first = slots.starts[row]!;
      const decoded = slots.decoded[row]! - first;
      const latents = at.latents + 4 * first;
      kernels.dotSlots(latents, decoded, at['W_dec.p'], d, out, at.deltas + 4 * first);
      f32.deltas.fill(0, slots.decoded[row], slots.starts[row + 1]);
      if (loss.kind !== 'gated') continue;
      gateMse += decodeRow(row, at.gateActs, at.gateGradient) / rows;
      const deltas = at.gateDeltas + 4 * first;
      kernels.dotSlots(latents, decoded, at['W_dec.p'], d, at.gateGradient, deltas);
    }
    const isDead = new Uint8Array(d_sae);
    for (const latent of dead) isDead[latent] = 1;
    const sums = makeLatentSums(d_sae);
    const { norms, deltas, gateDeltas } = f32;
    const { sparsityLoss, preActLoss } = denseGradient(
      { loss, slots, vectors, norms, rows, l0, isDead, deltas, gateDeltas },
      sums,
    );
    updateWeights(arena, weights, { slots, sums, config, step });
    countSilence(tokensSinceFired, rows, (latent) => fired[latent] === 1);
    const auxLoss = loss.kind === 'gated' ? gateMse : preActLoss;
    return {
      step,
      loss: mse + sparsityLoss + auxLoss,
      mse,
      l0,
      explainedVariance: 1 - mse / calibration.variance,
      auxLoss,
      sparsityLoss,
      deadCount: deadLatents(tokensSinceFired, config.deadAfterTokens).length,
      auxSilent: 0,
      overflowRows: 0,
      nanCount,
    };
  };

  return {
    run,
    squaredErrors: (rowIndices) => {
      encode(rowIndices, o.state.step, new Uint32Array());
      return Float64Array.from(rowIndices, (_, row) =>
        decodeRow(row, at.acts, at.gradient + 4 * d * row),
      );
    },
    latents: null,
    readState: (step) => ({
      step,
      ...weights.read(),
      tokensSinceFired: tokensSinceFired.slice(),
      running: o.state.running.slice(),
    }),
    byteLength: arena.byteLength,
    dispose: arena.dispose,
  };
}

/** Views of the parameters of one value a latent; those that the architecture lacks are empty. */
function vectorsOf(weights: StateMemory, { architecture, d_sae }: DenseConfig): LatentVectors {
  const own: readonly string[] = LATENT_VECTORS[architecture];
  const view = (name: 'b_enc' | ExtraName) =>
    own.includes(name) ? weights.values(name).subarray(0, d_sae) : new Float32Array();
  return {
    b_enc: view('b_enc'),
    b_mag: view('b_mag'),
    r_mag: view('r_mag'),
    threshold: view('threshold'),
  };
}

/** Slots with f above 0; marks their latents. */
function countFired({ starts, latents, acts }: DenseSlots, fired: Uint8Array): number {
  let count = 0;
  for (let slot = 0; slot < starts.at(-1)!; slot++) {
    if (!(acts[slot]! > 0)) continue;
    fired[latents[slot]!] = 1;
    count++;
  }
  return count;
}

/** Gradients of all parameters, projected and clipped, then Adam's step and unit rows. */
function updateWeights(
  arena: DenseArena,
  weights: StateMemory,
  o: { slots: DenseSlots; sums: LatentSums; config: DenseConfig; step: number },
): void {
  const { kernels, at, f32 } = arena;
  const { config, sums } = o;
  const { batchSize: rows, d_sae } = config;
  const d = rowStride(config.d_in);
  const isUnit = hasUnitDecoder(config);
  matrixGradients(arena, o);
  let squares = 0;
  for (let latent = 0; latent < d_sae; latent++) {
    const [gEnc, gDec] = [at.gEnc + 4 * latent * d, at.gDec + 4 * latent * d];
    const row = weights.of('W_dec') + 4 * latent * d;
    if (isUnit) kernels.projectRow(gDec, row, d);
    else {
      // ∂n/∂w = ŵ: what the penalty asks of the norm; a row of fixed norm is projected clear of it.
      f32.factor[0] = sums.norm[latent]! / f32.norms[latent]!;
      kernels.addRows(at.factor, 1, row, d, gDec);
    }
    squares += kernels.squaresThenScale(gEnc, d, 1) + kernels.squaresThenScale(gDec, d, 1);
  }
  biasGradient(arena, weights, rows, config);
  squares += kernels.squaresThenScale(at.gBiasDec, d, 1);
  const vectorNames = LATENT_VECTORS[config.architecture];
  for (const name of vectorNames) for (const g of sums[name]) squares += g * g;

  const clip = config.clipNorm;
  const factor = clip === 0 ? 1 : Math.min(1, clip / (Math.sqrt(squares) + CLIP_EPS));
  const step = adamStepOf(config, o.step);
  for (let latent = 0; latent < d_sae; latent++) {
    kernels.squaresThenScale(at.gEnc + 4 * latent * d, d, factor);
    kernels.squaresThenScale(at.gDec + 4 * latent * d, d, factor);
  }
  weights.adam('W_enc', at.gEnc, step, 0, d_sae * d);
  weights.adam('W_dec', at.gDec, step, 0, d_sae * d);
  if (isUnit) {
    for (let latent = 0; latent < d_sae; latent++) {
      kernels.normaliseRow(weights.of('W_dec') + 4 * latent * d, d);
    }
  }
  kernels.squaresThenScale(at.gBiasDec, d, factor);
  weights.adam('b_dec', at.gBiasDec, step, 0, d);
  for (const name of vectorNames) {
    f32.gVector.set(sums[name].map((g) => factor * g));
    weights.adam(name, at.gVector, step, 0, f32.gVector.length);
  }
  weights.average();
}

/** gEnc and gDec of all latents, and the sum of each latent's deltas. */
function matrixGradients(
  arena: DenseArena,
  { slots, config }: { slots: DenseSlots; config: DenseConfig },
): void {
  const { kernels, at, f32 } = arena;
  const { batchSize: rows, d_sae } = config;
  const d = rowStride(config.d_in);
  const { starts, latents, acts } = slots;
  const places = { starts: at.starts, latents: at.latents, acts: at.acts, deltas: at.deltas };
  const code = { starts, latents, acts, deltas: f32.deltas, at: places };
  const offsets = sortByLatent(arena, [{ code, gradientRow: (row) => row }], d_sae);
  for (let latent = 0; latent < d_sae; latent++) {
    const from = 4 * offsets[latent]!;
    const count = offsets[latent + 1]! - offsets[latent]!;
    const entries = [at.entryRows + from, at.entryActs + from, at.entryDeltas + from] as const;
    const own = [at.gEnc + 4 * latent * d, at.gDec + 4 * latent * d] as const;
    kernels.latentGradients(...entries, count, rows, at.xc, at.gradient, d, ...own);
    let sum = 0;
    for (let entry = offsets[latent]!; entry < offsets[latent + 1]!; entry++) {
      sum += f32.entryDeltas[entry]!;
    }
    f32.deltaSums[latent] = sum;
  }
}

/** gBiasDec = Σ gradient − W_enc · Σ δ, the second where b_dec also sits in xc. */
function biasGradient(
  { kernels, at, f32 }: DenseArena,
  weights: StateMemory,
  rows: number,
  { applyBDecToInput, d_in, d_sae }: DenseConfig,
): void {
  const d = rowStride(d_in);
  f32.gBiasDec.fill(0);
  if (applyBDecToInput) kernels.addRows(at.deltaSums, d_sae, weights.of('W_enc'), d, at.gBiasDec);
  for (let i = 0; i < d; i++) f32.gBiasDec[i]! *= -1;
  for (let row = 0; row < rows; row++) kernels.addRow(at.gBiasDec, at.gradient + 4 * d * row, d);
}
