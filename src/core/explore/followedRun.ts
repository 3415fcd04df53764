// One SAE on the same text at every checkpoint of its model's training, or one SAE a checkpoint: how often each latent
// fires, how far it does what it does at the last one, since when. Pure.
import { cosine } from '../numeric/vectors';
import { decoderRow } from '../sae/latentWeights';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../sae/sae';
import { BIRTH_COSINE } from './latentLife';

/** What one checkpoint made of the text. */
export type StepReading = {
  /** of the model's training */
  step: number;
  /** of the text's tokens in order, special ones left out */
  parts: readonly { code: SparseCode; tokens: number }[];
};

export type FollowedLatent = {
  latentIndex: number;
  /** largest activation at the last step, model units; 0: it is silent there */
  largest: number;
  /** of tokens on which it fires, 0 to 1, one a step */
  rates: number[];
  /** of its activations on the tokens, with those at the last step, one a step; 0 where it is silent at either */
  cosines: number[];
  /** of its decoder direction with that of the last SAE, one a step; null: the same SAE reads all */
  decoderCosines: number[] | null;
  /** first step from which its activations stay within BIRTH_COSINE of the last ones; null: silent at the end */
  born: number | null;
};

/** Every latent that fires on the text at any step, the strongest at the last one first. readings: ascending by step,
 *  of one text. drift: of the SAEs of these steps (`decoderDrift`); null: the same SAE reads all. */
export function followLatents(
  readings: readonly StepReading[],
  drift: readonly Float32Array[] | null,
): FollowedLatent[] {
  const last = readings.at(-1);
  if (last === undefined) return [];
  const tokens = Math.max(1, tokensOf(last));
  const columns = readings.map(columnsOf);
  const final = columns.at(-1) ?? new Map<number, Column>();
  const all = new Set(columns.flatMap((column) => [...column.keys()]));
  return [...all]
    .map((latentIndex): FollowedLatent => {
      const end = final.get(latentIndex);
      const cosines = columns.map((column) => columnCosine(column.get(latentIndex), end));
      const lastApart = cosines.findLastIndex((cosine) => cosine < BIRTH_COSINE);
      return {
        latentIndex,
        largest: end === undefined ? 0 : Math.max(...end.values()),
        rates: columns.map((column) => (column.get(latentIndex)?.size ?? 0) / tokens),
        cosines,
        decoderCosines: drift?.map((cosines) => cosines[latentIndex] ?? 0) ?? null,
        born: readings[lastApart + 1]?.step ?? null,
      };
    })
    .sort((a, b) => b.largest - a.largest || a.latentIndex - b.latentIndex);
}

/** A latent's activations by token. */
type Column = Map<number, number>;

function columnsOf({ parts }: StepReading): Map<number, Column> {
  const columns = new Map<number, Column>();
  let first = 0;
  for (const { code, tokens } of parts) {
    const { k, latentIndices, latentActs } = code;
    for (const [slot, latent] of latentIndices.entries()) {
      const act = latentActs[slot] ?? 0;
      if (latent === EMPTY_SLOT || act <= 0) continue;
      const column = columns.get(latent) ?? new Map<number, number>();
      column.set(first + Math.floor(slot / k), act);
      columns.set(latent, column);
    }
    first += tokens;
  }
  return columns;
}

function tokensOf({ parts }: StepReading): number {
  return parts.reduce((sum, { tokens }) => sum + tokens, 0);
}

function columnCosine(a: Column | undefined, b: Column | undefined): number {
  if (a === undefined || b === undefined) return 0;
  let product = 0;
  for (const [token, act] of a) product += act * (b.get(token) ?? 0);
  return product / Math.hypot(...a.values()) / Math.hypot(...b.values());
}

/** Of each latent's decoder direction with that of the last SAE, [d_sae]. */
export function decoderDrift(params: SaeParams, last: SaeParams): Float32Array {
  return Float32Array.from({ length: last.d_sae }, (_, latent) =>
    cosine(decoderRow(params, latent), decoderRow(last, latent)),
  );
}
