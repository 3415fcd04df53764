// An SAE as a folder of EleutherAI's sparsify and back (interop.md §5): cfg.json and sae.safetensors in a folder
// named after the hook point. It has TopK only, which selects by h whatever the norms of the decoder. Its transcoders
// (`transcode`) read what a module reads and rebuild what it writes; those of an MLP are ours, too.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { MAX_K } from '../../core/sae/architecture';
import { ConfigError, FormatError } from '../../core/errors';
import {
  hookPoint,
  isTranscoderPoint,
  parseHookPoint,
  writePoint,
  type HookPoint,
} from '../../core/activations/hookPoint';
import type { SaeParams, TopKParams } from '../../core/sae/sae';
import { cut } from '../archives/byteRange';
import { readJson } from '../archives/json';
import { formatSafetensors, readSafetensors } from '../archives/safetensors';
import type { DroppedFile } from '../model/nanochatFolder';
import { sparsifyHookName } from './hookNames';
import type { ParsedSae } from './parsedSae';
import {
  CONFIG_FILE,
  oneFile,
  optionalFile,
  readConfigText,
  SIDE_FILE,
  SPARSIFY_WEIGHTS_FILE,
} from './saeFolder';
import { placeOf, type KnownPlace } from './saePlace';
import { foldUnlessUnit, readTensor, refuseOthers, transposed } from './saeTensors';
import { unknownFacts } from './saelensFacts';

const TENSORS = ['encoder.weight', 'encoder.bias', 'W_dec', 'b_dec'] as const;
const HOW = `drop the ${CONFIG_FILE} and ${SPARSIFY_WEIGHTS_FILE} of one folder of sparsify`;

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

const CONFIG = v.looseObject({
  activation: v.optional(v.string(), 'topk'),
  expansion_factor: v.optional(whole(1, 1_048_576), 32),
  /** 0: d_in · expansion_factor */
  num_latents: v.optional(whole(0, 1_048_576), 0),
  k: v.optional(whole(1, MAX_K), 32),
  skip_connection: v.optional(v.boolean(), false),
  transcode: v.optional(v.boolean(), false),
  d_in: whole(1, 16_384),
});

const SIDE = v.looseObject({
  hookPoint: v.exactOptional(v.string()),
  modelId: v.exactOptional(v.pipe(v.string(), v.maxLength(500))),
});

/** record: what is known of it besides; it goes into a file of its own, since sparsify's cfg.json has fixed keys. */
export type SparsifyFacts = {
  hookPoint: HookPoint;
  modelId: string | null;
  record?: Record<string, unknown>;
};

/** Files by path, in the folder that sparsify looks for. Throws ConfigError for anything but TopK. */
export function formatSparsify(
  params: SaeParams,
  facts: SparsifyFacts,
): Map<string, Uint8Array<ArrayBuffer>> {
  if (params.architecture !== 'topk') {
    throw new ConfigError(
      `sparsify has TopK only, and this one decides by ${params.architecture}; write it for SAELens`,
      'format',
    );
  }
  const { d_in, d_sae, k } = params;
  const transcode = isTranscoderPoint(facts.hookPoint);
  const cfg = {
    activation: 'topk',
    expansion_factor: Math.max(1, Math.round(d_sae / d_in)),
    normalize_decoder: params.actScale === undefined,
    num_latents: d_sae,
    k,
    multi_topk: false,
    skip_connection: false,
    transcode,
    d_in,
  };
  const side = {
    hookPoint: facts.hookPoint,
    ...(facts.modelId === null ? {} : { modelId: facts.modelId }),
    ...facts.record,
  };
  const { W_enc, W_dec, b_dec } = params;
  const tensors = [
    { name: 'encoder.weight', shape: [d_sae, d_in], data: transposed(W_enc, d_in, d_sae) },
    { name: 'encoder.bias', shape: [d_sae], data: transcode ? params.b_enc : encoderBias(params) },
    { name: 'W_dec', shape: [d_sae, d_in], data: scaledRows(W_dec, params) },
    { name: 'b_dec', shape: [d_in], data: b_dec },
  ];
  const folder = sparsifyHookName(writePoint(facts.hookPoint)) ?? facts.hookPoint;
  return new Map([
    [`${folder}/${CONFIG_FILE}`, jsonFile(cfg)],
    [`${folder}/${SPARSIFY_WEIGHTS_FILE}`, formatSafetensors(tensors, new Map([['format', 'pt']]))],
    [`${folder}/${SIDE_FILE}`, jsonFile(side)],
  ]);
}

function jsonFile(value: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** sparsify takes b_dec off the input of every SAE: x·W + b = (x − b_dec)·W + (b + b_dec·W). */
function encoderBias({ b_enc, b_dec, W_enc, d_in, d_sae, applyBDecToInput }: TopKParams) {
  if (applyBDecToInput) return b_enc;
  const bias = Float64Array.from(b_enc);
  for (let d = 0; d < d_in; d++) {
    for (let i = 0; i < d_sae; i++) bias[i]! += b_dec[d]! * W_enc[d * d_sae + i]!;
  }
  return Float32Array.from(bias);
}

function scaledRows(W_dec: Float32Array, { actScale, d_in }: TopKParams): Float32Array {
  return actScale === undefined
    ? W_dec
    : W_dec.map((w, index) => w * actScale[Math.floor(index / d_in)]!);
}

/** Throws FormatError naming what is missing, not supported, misshapen or not finite. */
export async function parseSparsify(
  files: readonly DroppedFile[],
  known: KnownPlace = {},
): Promise<ParsedSae> {
  const file = oneFile(files, CONFIG_FILE, HOW);
  const json = readJson(await readConfigText(file), CONFIG_FILE);
  const cfg = checkedFields(CONFIG, json, CONFIG_FILE, `use the ${CONFIG_FILE} as it was saved`);
  refuseKinds(cfg);
  const { d_in, k } = cfg;
  const d_sae = cfg.num_latents === 0 ? d_in * cfg.expansion_factor : cfg.num_latents;
  if (k > d_sae) {
    throw new FormatError(`${CONFIG_FILE}: k must be at most num_latents: k ${k}, ${d_sae}`);
  }
  const weights = oneFile(files, SPARSIFY_WEIGHTS_FILE, HOW);
  const { tensors } = await readSafetensors(weights.blob, SPARSIFY_WEIGHTS_FILE);
  refuseOthers(tensors, TENSORS, { fileName: SPARSIFY_WEIGHTS_FILE, kind: 'sparsify' });
  const read = (name: (typeof TENSORS)[number], shape: number[]) =>
    readTensor(tensors, name, shape, SPARSIFY_WEIGHTS_FILE);
  const saved: TopKParams = {
    architecture: 'topk',
    d_in,
    d_sae,
    k,
    W_enc: transposed(await read('encoder.weight', [d_sae, d_in]), d_sae, d_in),
    b_enc: await read('encoder.bias', [d_sae]),
    W_dec: await read('W_dec', [d_sae, d_in]),
    b_dec: await read('b_dec', [d_in]),
    applyBDecToInput: !cfg.transcode,
  };
  const params = foldUnlessUnit(saved, { selectsByNorm: false, fileName: SPARSIFY_WEIGHTS_FILE });
  const side = await readSide(files);
  const place = placeOf(weights, [side.hookPoint], known);
  return {
    form: 'sparsify',
    params,
    W_dec: saved.W_dec,
    hookName: readPlace(place, cfg.transcode),
    modelName: side.modelId ?? '',
    facts: { ...unknownFacts(), architecture: cfg.transcode ? 'transcoder' : 'topk', k },
    carried: { metadata: { sparsify: cfg }, fireRates: null },
  };
}

/** Where it reads. sparsify names the module, whose output an SAE reads; a transcoder reads what goes into it. */
function readPlace(named: HookPoint, transcode: boolean): HookPoint {
  if (transcode === isTranscoderPoint(named)) return named;
  const { layer, site } = parseHookPoint(named);
  if (transcode && site === 'hook_mlp_out') return hookPoint(layer, 'ln2.hook_normalized');
  throw new FormatError(
    transcode
      ? `${CONFIG_FILE}: transcode true at ${named}; transcoders of an MLP (layers.${layer}.mlp) can be used here`
      : `${CONFIG_FILE}: transcode false at ${named}, where only transcoders read`,
  );
}

/** Empty for files that are not ours. */
async function readSide(files: readonly DroppedFile[]): Promise<v.InferOutput<typeof SIDE>> {
  const file = optionalFile(files, SIDE_FILE);
  if (file === null) return {};
  const json = readJson(await readConfigText(file), SIDE_FILE);
  return checkedFields(SIDE, json, SIDE_FILE, `use the ${SIDE_FILE} as it was saved`);
}

function refuseKinds(cfg: v.InferOutput<typeof CONFIG>): void {
  const what = cfg.skip_connection
    ? 'skip_connection true: it has a linear path around its latents'
    : cfg.activation === 'topk'
      ? null
      : `activation ${cut(cfg.activation)}: topk is read`;
  if (what !== null)
    throw new FormatError(`${CONFIG_FILE}: ${what}; use an SAE of sparsify without`);
}
