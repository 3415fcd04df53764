// SAEs of openai/sparse_autoencoder: one file of torch.save, read only (interop.md §6). Its TopK files scale every
// token by its own norm, which weights cannot take over: they are refused by name.
import { FormatError } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import { quote } from '../archives/byteRange';
import type { DroppedFile } from '../model/nanochatFolder';
import { readTorchState } from '../model/torchCheckpoint';
import type { ParsedSae } from './parsedSae';
import { baseName } from './saeFolder';
import { placeOf, type KnownPlace } from './saePlace';
import { foldUnlessUnit, readTensor, refuseOthers, transposed } from './saeTensors';
import { unknownFacts } from './saelensFacts';

const STATISTICS = ['latents_activation_frequency', 'latents_mean_square'];
const TENSORS = ['pre_bias', 'encoder.weight', 'latent_bias', 'decoder.weight'];
/** {location}{version}/autoencoders/{layer}.pt, of the files that were published */
const PUBLISHED =
  /(?:^|\/)(resid_post_mlp|resid_post_attn|resid_delta_mlp|resid_delta_attn)(?:_v\d\w*)?\/(?:autoencoders\/)?(\d{1,4})\.pt$/;
const SITES: Readonly<Record<string, string>> = {
  resid_post_mlp: 'hook_resid_post',
  resid_post_attn: 'hook_resid_mid',
  resid_delta_mlp: 'hook_mlp_out',
  resid_delta_attn: 'hook_attn_out',
};
const MAX_D_IN = 16_384;
const MAX_D_SAE = 1_048_576;

/** Throws FormatError naming what is missing, not supported, misshapen or not finite. */
export async function parseOpenAiSae(
  file: DroppedFile,
  known: KnownPlace = {},
): Promise<ParsedSae> {
  const fileName = baseName(file);
  const { tensors, others } = await readTorchState(file.blob, fileName, { othersToo: true });
  const shape = tensors.get('encoder.weight')?.shape;
  const [d_sae = 0, d_in = 0] = shape ?? [];
  if (!tensors.has('pre_bias') || shape?.length !== 2) {
    throw new FormatError(
      `${fileName}: not an SAE of OpenAI's form, which has ${TENSORS.join(', ')}; it has ${[...tensors.keys()].slice(0, 6).map(quote).join(', ') || 'no tensors'} (an SAE of dictionary_learning is named ae.pt and comes with its config.json)`,
    );
  }
  if (d_sae < 1 || d_in < 1 || d_in > MAX_D_IN || d_sae > MAX_D_SAE) {
    throw new FormatError(
      `${fileName}: encoder.weight [${d_sae}, ${d_in}]: at most ${MAX_D_SAE} latents on a width of ${MAX_D_IN} are read`,
    );
  }
  refuseOthers(tensors, [...TENSORS, ...STATISTICS], { fileName, kind: 'ReLU' });
  const activation = others.get('activation') ?? 'ReLU';
  if (activation !== 'ReLU') {
    throw new FormatError(
      `${fileName}: activation ${typeof activation === 'string' ? quote(activation) : 'of no name'}: only ReLU is read; with TopK OpenAI's code scales every token by its own norm, which weights cannot take over`,
    );
  }
  const read = (tensor: string, ...of: number[]) => readTensor(tensors, tensor, of, fileName);
  const saved: SaeParams = {
    architecture: 'relu',
    d_in,
    d_sae,
    W_enc: transposed(await read('encoder.weight', d_sae, d_in), d_sae, d_in),
    b_enc: await read('latent_bias', d_sae),
    W_dec: transposed(await read('decoder.weight', d_in, d_sae), d_in, d_sae),
    b_dec: await read('pre_bias', d_in),
    applyBDecToInput: true,
  };
  const params = foldUnlessUnit(saved, { selectsByNorm: false, fileName });
  return {
    form: 'OpenAI',
    params,
    W_dec: params.W_dec,
    hookName: placeOf(file, publishedPlace(file), known),
    modelName: '',
    facts: { ...unknownFacts(), architecture: 'relu' },
    carried: { metadata: {}, fireRates: null },
  };
}

function publishedPlace({ path }: Pick<DroppedFile, 'path'>): string[] {
  const [, location = '', layer = ''] = PUBLISHED.exec(path) ?? [];
  const site = SITES[location];
  return site === undefined ? [] : [`blocks.${layer}.${site}`];
}
