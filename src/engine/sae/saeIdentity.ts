// The id of an SAE: a hash over everything that changes what it computes, and of which model. Until the end of
// November 2026 the hash left out applyBDecToInput, the hook point and the model, so that several SAEs shared an
// id; theirs is still known, because records, links and presets name it.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { SaeParams } from '../../core/sae/sae';
import { sha256Hex } from '../../storage/storage';

export type SaeHashes = {
  /** first 12 hex digits */
  hash: string;
  /** as older versions computed it */
  formerHash: string;
};

type Place = {
  hookPoint: HookPoint;
  /** name~hash, the name that a file gives, or null */
  modelId: string | null;
};

/** W_dec: as the SAE's files have it, with the norms that `actScale` took out of it. */
export type IdentifiedPlace = Place & { W_dec: Float32Array };

export async function identifySae(params: SaeParams, place: IdentifiedPlace): Promise<SaeHashes> {
  const formerHash = await hashParams(params, place.W_dec);
  return { formerHash, hash: await hashFrom(formerHash, params, place) };
}

/** The hash of an SAE whose older one is known. */
export function hashFrom(
  formerHash: string,
  { applyBDecToInput }: Pick<SaeParams, 'applyBDecToInput'>,
  { hookPoint, modelId }: Place,
): Promise<string> {
  const text = JSON.stringify([formerHash, applyBDecToInput, hookPoint, modelId ?? '']);
  return hash12(new TextEncoder().encode(text));
}

async function hashParams(params: SaeParams, W_dec: Float32Array): Promise<string> {
  const { d_in, d_sae } = params;
  // TopK's form must not change, or former ids would not be recognised.
  const rule = params.architecture === 'topk' ? { k: params.k } : { rule: params.architecture };
  const header = new TextEncoder().encode(JSON.stringify({ d_in, d_sae, ...rule }));
  const arrays = [params.W_enc, params.b_enc, W_dec, params.b_dec, ...ruleArrays(params)];
  const bytes = await new Blob([header, ...arrays.map((array) => array.slice())]).arrayBuffer();
  return hash12(new Uint8Array(bytes));
}

function ruleArrays(params: SaeParams): Float32Array[] {
  if (params.architecture === 'jumprelu') return [params.threshold];
  if (params.architecture === 'gated') return [params.b_gate, params.b_mag, params.r_mag];
  return [];
}

async function hash12(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256Hex(bytes)).slice(0, 12);
}
