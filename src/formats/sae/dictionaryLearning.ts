// SAEs of dictionary_learning (trainer_i/ae.pt with config.json), read only (interop.md §6). The pickle is never run.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { MAX_K, type SaeArchitecture } from '../../core/sae/architecture';
import { FormatError } from '../../core/errors';
import type { TensorSource } from '../../core/model/nanochat';
import type { SaeParams } from '../../core/sae/sae';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import type { DroppedFile } from '../model/nanochatFolder';
import { readTorchState } from '../model/torchCheckpoint';
import type { ParsedSae } from './parsedSae';
import { oneFile, PICKLE_FILE, readConfigText, TRAINER_FILE } from './saeFolder';
import { placeOf, type KnownPlace } from './saePlace';
import { foldUnlessUnit, readTensor, refuseOthers, transposed } from './saeTensors';
import { MAX_CONTEXT, unknownFacts, wholeIn } from './saelensFacts';

const HOW = `drop the ${PICKLE_FILE} and ${TRAINER_FILE} of one trainer of dictionary_learning`;

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
const name = v.pipe(v.string(), v.maxLength(500));

const CONFIG = v.looseObject({
  trainer: v.looseObject({
    dict_class: v.string(),
    activation_dim: whole(1, 16_384),
    dict_size: whole(1, 1_048_576),
    k: v.nullish(v.number(), null),
    lm_name: v.nullish(name, ''),
    submodule_name: v.nullish(v.string(), null),
  }),
  buffer: v.optional(v.looseObject({ ctx_len: v.nullish(v.number(), null) })),
});
type Trainer = v.InferOutput<typeof CONFIG>['trainer'];

/** Tensors of a class by their names; [d_sae, d_in] where it is a linear layer's weight. */
type Names = { weights: 'linear' | 'ours'; b_dec: string; others: readonly string[] };

const CLASSES: Readonly<
  Record<string, Names & { architecture: Exclude<SaeArchitecture, 'transcoder'> }>
> = {
  AutoEncoder: {
    architecture: 'relu',
    weights: 'linear',
    b_dec: 'bias',
    others: ['encoder.bias'],
  },
  AutoEncoderTopK: {
    architecture: 'topk',
    weights: 'linear',
    b_dec: 'b_dec',
    others: ['encoder.bias', 'threshold'],
  },
  BatchTopKSAE: {
    architecture: 'batchtopk',
    weights: 'linear',
    b_dec: 'b_dec',
    others: ['encoder.bias', 'threshold'],
  },
  GatedAutoEncoder: {
    architecture: 'gated',
    weights: 'linear',
    b_dec: 'decoder_bias',
    others: ['r_mag', 'gate_bias', 'mag_bias'],
  },
  JumpReluAutoEncoder: {
    architecture: 'jumprelu',
    weights: 'ours',
    b_dec: 'b_dec',
    others: ['b_enc', 'threshold'],
  },
  MatryoshkaBatchTopKSAE: {
    architecture: 'matryoshka',
    weights: 'ours',
    b_dec: 'b_dec',
    others: ['b_enc', 'threshold'],
  },
};

/** Throws FormatError naming what is missing, not supported, misshapen or not finite. */
export async function parseDictionaryLearning(
  files: readonly DroppedFile[],
  known: KnownPlace = {},
): Promise<ParsedSae> {
  const json = readJson(await readConfigText(oneFile(files, TRAINER_FILE, HOW)), TRAINER_FILE);
  const wayOut = `use the ${TRAINER_FILE} that dictionary_learning saved beside ${PICKLE_FILE}`;
  const config = checkedFields(CONFIG, json, TRAINER_FILE, wayOut);
  const { trainer } = config;
  const kind = Object.hasOwn(CLASSES, trainer.dict_class) ? CLASSES[trainer.dict_class] : undefined;
  if (kind === undefined) {
    throw new FormatError(
      `${TRAINER_FILE}: dict_class ${quote(trainer.dict_class)} is not read; ${Object.keys(CLASSES).join(', ')} are`,
    );
  }
  const pickle = oneFile(files, PICKLE_FILE, HOW);
  const { tensors, others } = await readTorchState(pickle.blob, PICKLE_FILE, { othersToo: true });
  if (others.has('ae')) {
    throw new FormatError(
      `${PICKLE_FILE}: the backup of a run that was going on (it holds ${[...others.keys()].slice(0, 6).join(', ')}); use the ${PICKLE_FILE} that was saved at its end`,
    );
  }
  const matrices =
    kind.weights === 'linear' ? ['encoder.weight', 'decoder.weight'] : ['W_enc', 'W_dec'];
  refuseOthers(tensors, [...matrices, kind.b_dec, ...kind.others], {
    fileName: PICKLE_FILE,
    kind: trainer.dict_class,
  });
  const saved = await readParams(tensors, { trainer, kind });
  const params = foldUnlessUnit(saved, { selectsByNorm: false, fileName: PICKLE_FILE });
  const keepsNorms = params.architecture === 'topk' && params.actScale !== undefined;
  return {
    form: 'dictionary_learning',
    params,
    W_dec: keepsNorms ? saved.W_dec : params.W_dec,
    hookName: placeOf(pickle, [trainer.submodule_name], known),
    modelName: trainer.lm_name,
    facts: {
      ...unknownFacts(),
      architecture: kind.architecture,
      k: trainer.k,
      contextSize: wholeIn(config.buffer?.ctx_len, 1, MAX_CONTEXT),
    },
    carried: { metadata: { dictionary_learning: config }, fireRates: null },
  };
}

async function readParams(
  tensors: ReadonlyMap<string, TensorSource>,
  {
    trainer,
    kind,
  }: { trainer: Trainer; kind: Names & { architecture: Exclude<SaeArchitecture, 'transcoder'> } },
): Promise<SaeParams> {
  const { activation_dim: d_in, dict_size: d_sae } = trainer;
  const read = (tensor: string, ...shape: number[]) =>
    readTensor(tensors, tensor, shape, PICKLE_FILE);
  const isLinear = kind.weights === 'linear';
  const biasName = isLinear ? 'encoder.bias' : 'b_enc';
  const shared = {
    d_in,
    d_sae,
    W_enc: isLinear
      ? transposed(await read('encoder.weight', d_sae, d_in), d_sae, d_in)
      : await read('W_enc', d_in, d_sae),
    W_dec: isLinear
      ? transposed(await read('decoder.weight', d_in, d_sae), d_in, d_sae)
      : await read('W_dec', d_sae, d_in),
    b_enc: kind.others.includes(biasName) ? await read(biasName, d_sae) : new Float32Array(d_sae),
    b_dec: await read(kind.b_dec, d_in),
    applyBDecToInput: kind.architecture !== 'jumprelu',
  };
  switch (kind.architecture) {
    case 'relu':
      return { ...shared, architecture: 'relu' };
    case 'topk':
      return { ...shared, architecture: 'topk', k: kOf(trainer) };
    case 'jumprelu':
      return { ...shared, architecture: 'jumprelu', threshold: await read('threshold', d_sae) };
    case 'batchtopk':
    case 'matryoshka':
      return {
        ...shared,
        architecture: 'jumprelu',
        threshold: new Float32Array(d_sae).fill(thresholdOf(await read('threshold'))),
      };
    case 'gated':
      return {
        ...shared,
        architecture: 'gated',
        b_gate: await read('gate_bias', d_sae),
        b_mag: await read('mag_bias', d_sae),
        r_mag: await read('r_mag', d_sae),
      };
    default:
      return kind.architecture satisfies never;
  }
}

function kOf({ k, dict_size: d_sae }: Trainer): number {
  if (k !== null && Number.isInteger(k) && k >= 1 && k <= Math.min(d_sae, MAX_K)) return k;
  throw new FormatError(
    `${TRAINER_FILE}: trainer.k ${k ?? 'missing'}: a whole number from 1 to ${Math.min(d_sae, MAX_K)} is needed`,
  );
}

/** One for all latents, a running mean of training. */
function thresholdOf([threshold = -1]: Float32Array): number {
  if (threshold >= 0) return threshold;
  throw new FormatError(
    `${PICKLE_FILE}: its threshold is ${threshold}: it was never measured (threshold_start_step), so nothing says when a latent fires; train it longer`,
  );
}
