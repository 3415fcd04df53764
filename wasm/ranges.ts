// Whole stretches of a step, so that a thread can be given one at a call: rows of the batch, latents of the SAE. What
// is computed of a row or of a latent does not depend on where a stretch begins.
import { adam } from './adam';
import {
  decodeSlots,
  dotSlots,
  latentGradients,
  normaliseRow,
  projectRow,
  squaresThenScale,
} from './sparse';

/** Of rows first … end − 1: gradient = gradScale · (x̂ − target), each slot's delta, and squares = ‖x̂ − target‖².
 *  starts: [rows + 1]; latents, acts and deltas by slot; targets and gradient [rows, d]; squares [rows]. */
export function decodeRows(
  first: i32,
  end: i32,
  starts: usize,
  latents: usize,
  acts: usize,
  deltas: usize,
  W: usize,
  d: i32,
  targets: usize,
  gradScale: f32,
  gradient: usize,
  squares: usize,
): void {
  for (let row = first; row < end; row++) {
    const from = load<u32>(starts + (row << 2));
    const count = load<u32>(starts + (row << 2), 4) - from;
    const slots = (<usize>from) << 2;
    const at = (<usize>row * d) << 2;
    decodeSlots(latents + slots, acts + slots, count, W, d, targets + at, -1, gradient + at);
    store<f32>(squares + (row << 2), <f32>squaresThenScale(gradient + at, d, gradScale));
    dotSlots(latents + slots, count, W, d, gradient + at, deltas + slots);
  }
}

/** Of latents first … end − 1: the gradients of both rows from the latent's entries, then Adam's step and a unit row of
 *  the decoder. offsets: [d_sae + 1]; gEnc and gDec: [d] of scratch; each matrix has its moments m and v. */
export function updateLatents(
  first: i32,
  end: i32,
  offsets: usize,
  entryRows: usize,
  entryActs: usize,
  entryDeltas: usize,
  rows: u32,
  xc: usize,
  gradient: usize,
  d: i32,
  gEnc: usize,
  gDec: usize,
  W_enc: usize,
  encM: usize,
  encV: usize,
  W_dec: usize,
  decM: usize,
  decV: usize,
  beta1: f32,
  beta2: f32,
  eps: f32,
  rate: f32,
  secondScale: f32,
): void {
  for (let latent = first; latent < end; latent++) {
    const from = load<u32>(offsets + (latent << 2));
    const count = load<u32>(offsets + (latent << 2), 4) - from;
    const e = (<usize>from) << 2;
    latentGradients(
      entryRows + e,
      entryActs + e,
      entryDeltas + e,
      count,
      rows,
      xc,
      gradient,
      d,
      gEnc,
      gDec,
    );
    const at = (<usize>latent * d) << 2;
    projectRow(gDec, W_dec + at, d);
    adam(W_enc + at, encM + at, encV + at, gEnc, d, beta1, beta2, eps, rate, secondScale);
    adam(W_dec + at, decM + at, decV + at, gDec, d, beta1, beta2, eps, rate, secondScale);
    normaliseRow(W_dec + at, d);
  }
}
