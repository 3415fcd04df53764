// The SAEs of tests/fixtures/encode_parity.json (tests/peers/encode_parity.py): read as files of SAELens, with
// what SAELens and sparsify make of the same input.
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../../src/formats/sae/saeFolder';
import { formatSafetensors } from '../../../src/formats/archives/safetensors';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../../src/core/sae/sae';
import fixture from '../../fixtures/encode_parity.json';

export type ParityCase = {
  name: string;
  params: SaeParams;
  /** [rows, d_in] */
  x: Float32Array;
  rows: number;
  /** latentActs by the library, [rows, d_sae], in residual units: SAELens folds decoder norms too, but those
   *  of a TopK that selects by h it leaves in the decoder */
  acts: Float32Array;
  /** saeOut by the library, [rows, d_in] */
  out: Float32Array;
};

export const PARITY_NAMES = fixture.cases.map(({ name }) => name);

export async function readParityCase(name: string): Promise<ParityCase> {
  const found = fixture.cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`encode_parity.json has no ${name}`);
  const weights = Object.entries(found.weights).map(([tensor, { shape, values }]) => ({
    name: tensor,
    shape,
    data: Float32Array.from(values),
  }));
  const { params } = await parseSaeLens([
    { path: CONFIG_FILE, blob: new Blob([JSON.stringify(found.cfg)]) },
    { path: WEIGHTS_FILE, blob: new Blob([formatSafetensors(weights)]) },
  ]);
  const scale = params.architecture === 'topk' ? params.actScale : undefined;
  const acts = found.acts.map((act, at) => act * (scale?.[at % params.d_sae] ?? 1));
  return {
    name,
    params,
    rows: fixture.rows,
    x: Float32Array.from(fixture.x),
    acts: Float32Array.from(acts),
    out: Float32Array.from(found.out),
  };
}

/** A sparse code with its zeros, [rows, d_sae]. */
export function denseActs(code: SparseCode, rows: number, d_sae: number): Float32Array {
  const dense = new Float32Array(rows * d_sae);
  code.latentIndices.forEach((latent, slot) => {
    if (latent === EMPTY_SLOT) return;
    dense[Math.floor(slot / code.k) * d_sae + latent] = code.latentActs[slot]!;
  });
  return dense;
}
