// One step of TopK, transcoder, BatchTopK or Matryoshka on the processor (sae.md §2–4, §8): the same step as the WGSL
// kernels', from a sparse code by row to gradients by latent. Its twin is core/reference/saeTrainStep.ts.
import { keepsPerRow } from '../../core/sae/architecture';
import { keptPerBatch, type SparseConfig } from '../../core/sae/sae';
import { deadLatents, type StepMetrics, type TrainerState } from '../../core/train/trainerState';
import { createArena, type Arena } from '../arena';
import { CHUNK_ROWS, forwardWords, makeForward, type CpuForward } from '../sae/cpuForward';
import { auxWords, makeAuxK } from './auxK';
import { batchSelectionWords, makeBatchSelection } from './batchSelection';
import { gatherRows } from './gatherRows';
import type { CpuStep, StepOptions } from './cpuStep';
import { entryWords, sortByLatent } from './entriesByLatent';
import { sparseCodeOf, type RowCode } from './rowCode';
import { rangesOf } from '../kernelThreads';
import { countSilence } from './silence';
import { adamStepOf, makeStateMemory, rowStride, stateWords } from './stateMemory';

function sizesOf(config: SparseConfig) {
  const { batchSize: rows, d_in, d_sae } = config;
  return {
    rows,
    d_in,
    d_sae,
    /** words per row of width d_in */
    d: rowStride(d_in),
    kept: keptPerBatch(config),
    k_aux: config.auxKScale > 0 ? config.k_aux : 0,
    widths: config.architecture === 'matryoshka' ? config.widths : [d_sae],
  };
}

type Sizes = ReturnType<typeof sizesOf>;

function sparseWords(config: SparseConfig, state: TrainerState, threads: number) {
  const sizes = sizesOf(config);
  const { rows, d, d_sae, kept, k_aux, widths } = sizes;
  const gradients = widths.length + (k_aux > 0 ? 1 : 0);
  const candidates = keepsPerRow(config) ? { values: 0, positions: 0 } : batchSelectionWords(sizes);
  return {
    ...stateWords(config, state),
    ...forwardWords(config, threads),
    ...auxWords(sizes),
    ...entryWords(kept + rows * k_aux, d_sae),
    ...candidates,
    xc: rows * d,
    // What the code is to rebuild: xc itself where the SAE centres its input.
    target: config.applyBDecToInput ? 0 : rows * d,
    gradient: gradients * rows * d,
    squares: rows,
    starts: rows + 1,
    latents: kept,
    acts: kept,
    deltas: kept,
    gEnc: threads * d,
    gDec: threads * d,
    gBiasEnc: rowStride(d_sae),
    gBiasDec: d,
  };
}

type SparseArena = Arena<keyof ReturnType<typeof sparseWords>>;

export async function createSparseStep(o: StepOptions<SparseConfig>): Promise<CpuStep> {
  const { config, calibration } = o;
  const sizes = sizesOf(config);
  const { rows, d_in, d_sae, d, widths } = sizes;
  const arena = await createArena(
    `sae_trainer ${config.architecture}`,
    sparseWords(config, o.state, 1 + (o.others?.count ?? 0)),
    o.others,
  );
  const { at, f32 } = arena;
  const weights = makeStateMemory(arena, config, o.state);
  const forward = makeForward(arena, config);
  const code = codeIn(arena);
  const running = o.state.running.slice();
  const tokensSinceFired = o.state.tokensSinceFired.slice();
  const selection = makeSelection(arena, forward, code, { config, sizes, running });
  const aux = makeAuxK(arena, forward, sizes);
  const levelOf = levelsOf(widths, d_sae);
  const places = { errorRow: (widths.length - 1) * rows, auxRow: widths.length * rows };

  const encode = (): number => {
    forward.setWeights(weights.of('W_enc'), d, 1, weights.values('b_enc').subarray(0, d_sae));
    selection.begin();
    let nanCount = 0;
    for (let first = 0; first < rows; first += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - first);
      nanCount += forward.encode(at.xc + 4 * first * d, d, count);
      selection.add(first, count);
      for (let row = 0; row < count; row++) aux.add(first + row, row);
    }
    selection.finish();
    return nanCount;
  };

  const run = (rowIndices: Uint32Array, step: number): StepMetrics => {
    const scales = {
      gradScale: 2 / (rows * calibration.variance * widths.length),
      auxScale: (2 * config.auxKScale) / rows,
    };
    gatherRows(arena.f32, o, rowIndices, { d, config, b_dec: weights.values('b_dec') });
    const dead =
      sizes.k_aux > 0 ? deadLatents(tokensSinceFired, config.deadAfterTokens) : new Uint32Array();
    aux.begin(dead);
    const nanCount = encode();
    const { mse, levels } = decodeLevels(arena, code, { sizes, levelOf, config, ...scales });
    const { squares, silentRows, variance } = aux.finish({ ...places, ...scales });
    const offsets = sortByLatent(
      arena,
      [
        { code, gradientRow: (row, latent) => levelOf[latent]! * rows + row },
        { code: aux.code, gradientRow: (row) => places.auxRow + row },
      ],
      d_sae,
    );
    // Entries of a latent's own firing come before AuxK's.
    countSilence(tokensSinceFired, rows, (latent) => {
      const entry = offsets[latent]!;
      return entry < offsets[latent + 1]! && arena.u32.entryRows[entry]! < places.auxRow;
    });
    updateWeights(arena, weights, { sizes, offsets, config, step });
    const auxLoss = variance > 0 ? (0.5 * scales.auxScale * squares) / variance : 0;
    return {
      step,
      loss: levels / (widths.length * calibration.variance) + auxLoss,
      mse,
      l0: code.starts[rows]! / rows,
      explainedVariance: 1 - mse / calibration.variance,
      auxLoss,
      sparsityLoss: 0,
      deadCount: deadLatents(tokensSinceFired, config.deadAfterTokens).length,
      auxSilent: silentRows,
      overflowRows: 0,
      nanCount,
    };
  };

  return {
    run,
    squaredErrors: null,
    latents: {
      readCode: () => Promise.resolve(sparseCodeOf(code, keepsPerRow(config) ? config.k : 0)),
      readDecoderRow: (latentIndex) => {
        const first = latentIndex * d;
        return Promise.resolve(f32['W_dec.p'].slice(first, first + d_in));
      },
    },
    readState: (step) => ({
      step,
      ...weights.read(),
      tokensSinceFired: tokensSinceFired.slice(),
      running: running.slice(),
    }),
    byteLength: arena.byteLength,
    dispose: arena.dispose,
  };
}

function codeIn({ at, f32, u32 }: SparseArena): RowCode {
  return {
    starts: u32.starts,
    latents: u32.latents,
    acts: f32.acts,
    deltas: f32.deltas,
    at: { starts: at.starts, latents: at.latents, acts: at.acts, deltas: at.deltas },
  };
}

/** The level on whose residual a latent is trained. */
function levelsOf(widths: readonly number[], d_sae: number): Uint32Array {
  let level = 0;
  return Uint32Array.from({ length: d_sae }, (_, latent) => {
    while (latent >= widths[level]!) level++;
    return level;
  });
}

type Selection = {
  begin: () => void;
  /** Takes the chunk of `count` rows encoded last, of which the first is row `first`; rows in order. */
  add: (first: number, count: number) => void;
  finish: () => void;
};

/** Each row's own k, or the best of the whole batch and with them the running threshold. */
function makeSelection(
  arena: SparseArena,
  forward: CpuForward,
  code: RowCode,
  o: { config: SparseConfig; sizes: Sizes; running: Float32Array },
): Selection {
  const { config, running } = o;
  if (keepsPerRow(config)) {
    return {
      begin: () => undefined,
      add: (first, count) => {
        let end = code.starts[first]!;
        const places = [code.at.latents + 4 * end, code.at.acts + 4 * end] as const;
        for (const [row, used] of forward.topk(count, config.k, ...places).entries()) {
          code.starts[first + row + 1] = end += used;
        }
      },
      finish: () => undefined,
    };
  }
  const batch = makeBatchSelection(arena, forward, o.sizes);
  return {
    begin: batch.begin,
    add: (first, count) => {
      for (let row = 0; row < count; row++) batch.add(first + row, row);
    },
    finish: () => {
      const smallest = batch.finish(code);
      if (smallest === null) return;
      const rate = Math.fround(config.thresholdRate);
      running[0] = running[1] === 0 ? smallest : (1 - rate) * running[0]! + rate * smallest;
      running[1] = 1;
    },
  };
}

/** Gradients of each row's reconstruction: of level ℓ, ∂L/∂x̂ of ℓ and all wider levels. Also the code's
 *  deltas. mse: of the full width; levels: the sum over levels. */
function decodeLevels(
  arena: SparseArena,
  code: RowCode,
  o: { sizes: Sizes; levelOf: Uint32Array; config: SparseConfig; gradScale: number },
): { mse: number; levels: number } {
  if (o.sizes.widths.length === 1) return decodeWhole(arena, code, o);
  const { kernels, at } = arena;
  const { rows, d, widths } = o.sizes;
  const W_dec = at['W_dec.p'];
  const targets = o.config.applyBDecToInput ? at.xc : at.target;
  const rowOf = (level: number, row: number) => at.gradient + 4 * d * (level * rows + row);
  /** slot where the latents of each level begin, then the row's end */
  const bounds = new Uint32Array(widths.length + 1);
  let mse = 0;
  let levels = 0;
  for (let row = 0; row < rows; row++) {
    const [first, end] = [code.starts[row]!, code.starts[row + 1]!];
    let slot = first;
    for (const [level, width] of widths.entries()) {
      bounds[level] = slot;
      if (level === widths.length - 1) slot = end;
      else while (slot < end && code.latents[slot]! < width) slot++;
    }
    bounds[widths.length] = end;
    for (let level = 0; level < widths.length; level++) {
      const from = 4 * bounds[level]!;
      const count = bounds[level + 1]! - bounds[level]!;
      const target = level === 0 ? targets + 4 * d * row : rowOf(level - 1, row);
      const [latents, acts] = [code.at.latents + from, code.at.acts + from];
      const scale = level === 0 ? -1 : 1;
      kernels.decodeSlots(latents, acts, count, W_dec, d, target, scale, rowOf(level, row));
    }
    for (let level = widths.length - 1; level >= 0; level--) {
      const squares = kernels.squaresThenScale(rowOf(level, row), d, o.gradScale);
      levels += squares / rows;
      if (level === widths.length - 1) mse += squares / rows;
      else kernels.addRow(rowOf(level, row), rowOf(level + 1, row), d);
      const from = 4 * bounds[level]!;
      const count = bounds[level + 1]! - bounds[level]!;
      const gradient = rowOf(level, row);
      const deltas = code.at.deltas + from;
      kernels.dotSlots(code.at.latents + from, count, W_dec, d, gradient, deltas);
    }
  }
  return { mse, levels };
}

/** The same where there is one level. */
function decodeWhole(
  arena: SparseArena,
  code: RowCode,
  o: { sizes: Sizes; config: SparseConfig; gradScale: number },
): { mse: number; levels: number } {
  const { at, f32, threads } = arena;
  const { rows, d } = o.sizes;
  const { starts, latents, acts, deltas } = code.at;
  const slots = [starts, latents, acts, deltas] as const;
  const targets = o.config.applyBDecToInput ? at.xc : at.target;
  const out = [at['W_dec.p'], d, targets, o.gradScale, at.gradient, at.squares] as const;
  const parts = rangesOf(rows, threads).map((range) => [...range, ...slots, ...out] as const);
  arena.run('decodeRows', parts);
  let squares = 0;
  for (const square of f32.squares) squares += square;
  return { mse: squares / rows, levels: squares / rows };
}

/** Gradients by latent, and at once Adam's step: weight gradients are never stored. */
function updateWeights(
  arena: SparseArena,
  weights: ReturnType<typeof makeStateMemory>,
  o: { sizes: Sizes; offsets: Uint32Array; config: SparseConfig; step: number },
): void {
  const { kernels, at, f32 } = arena;
  const { offsets } = o;
  const { rows, d, d_sae } = o.sizes;
  const step = adamStepOf(o.config, o.step);
  for (let latent = 0; latent < d_sae; latent++) {
    let sum = 0;
    for (let entry = offsets[latent]!; entry < offsets[latent + 1]!; entry++) {
      sum += f32.entryDeltas[entry]!;
    }
    f32.gBiasEnc[latent] = sum;
  }
  // Every level subtracts b_dec, and it also sits in xc: the old W_enc is needed.
  f32.gBiasDec.fill(0);
  if (o.config.applyBDecToInput) {
    kernels.addRows(at.gBiasEnc, d_sae, weights.of('W_enc'), d, at.gBiasDec);
  }
  for (let i = 0; i < d; i++) f32.gBiasDec[i]! *= -1;
  for (let row = 0; row < rows; row++) kernels.addRow(at.gBiasDec, at.gradient + 4 * d * row, d);
  const { beta1, beta2, eps, rate, secondScale } = step;
  const entries = [at.offsets, at.entryRows, at.entryActs, at.entryDeltas] as const;
  const matrices = [...weights.adamPlaces('W_enc'), ...weights.adamPlaces('W_dec')] as const;
  const rates = [beta1, beta2, eps, rate, secondScale] as const;
  const parts = latentRanges(offsets, arena.threads).map((range, part) => {
    const scratch = [at.gEnc + 4 * part * d, at.gDec + 4 * part * d] as const;
    const rowsOf = [rows, at.xc, at.gradient, d] as const;
    return [...range, ...entries, ...rowsOf, ...scratch, ...matrices, ...rates] as const;
  });
  arena.run('updateLatents', parts);
  weights.adam('b_enc', at.gBiasEnc, step, 0, f32.gBiasEnc.length);
  weights.adam('b_dec', at.gBiasDec, step, 0, d);
  weights.average();
}

/** What Adam's step of a latent costs, in entries. */
const ENTRIES_PER_LATENT = 8;

/** All latents in ranges that cost about as much, however unevenly they fire. */
function latentRanges(offsets: Uint32Array, parts: number): [number, number][] {
  const d_sae = offsets.length - 1;
  const costUpTo = (latent: number) => offsets[latent]! + ENTRIES_PER_LATENT * latent;
  const ranges: [number, number][] = [];
  let first = 0;
  for (let part = 1; part <= parts; part++) {
    let end = first;
    const goal = (costUpTo(d_sae) * part) / parts;
    while (end < d_sae && (part === parts || costUpTo(end) < goal)) end++;
    if (end > first) ranges.push([first, end]);
    first = end;
  }
  return ranges;
}
