// One transcoder of each block as circuit-tracer reads a set of them (decoderesearch/circuit-tracer, load_transcoder_set):
// a safetensors file a block and the config.yaml that says how they fire. It has one k and one width for all.
import type { HookSite } from '../../core/activations/hookPoint';
import { ConfigError, invariant } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import { formatSafetensors, type F32Tensor } from '../archives/safetensors';

const READ_SITE: HookSite = 'ln2.hook_normalized';
const WRITTEN_SITE: HookSite = 'hook_mlp_out';

/** Files by name. transcoders: folded, in the order of their blocks; narrower ones are filled up with features that never
 *  fire. Throws ConfigError for kinds or k that are not the same in all, and for gated ones. */
export function formatCircuitTracer(
  transcoders: readonly SaeParams[],
  modelName: string,
): Map<string, Uint8Array<ArrayBuffer>> {
  const firing = firingOf(transcoders);
  const width = Math.max(...transcoders.map(({ d_sae }) => d_sae));
  const files = transcoders.map((params, layer): [string, Uint8Array<ArrayBuffer>] => [
    `layer_${layer}.safetensors`,
    formatSafetensors(tensorsOf(params, width), new Map([['format', 'pt']])),
  ]);
  // JSON strings are YAML strings.
  const lines = [
    `model_name: ${JSON.stringify(modelName)}`,
    'model_kind: transcoder_set',
    `feature_input_hook: ${READ_SITE}`,
    `feature_output_hook: ${WRITTEN_SITE}`,
    `scan: ${JSON.stringify(modelName)}`,
    ...firing,
  ];
  return new Map([...files, ['config.yaml', new TextEncoder().encode(`${lines.join('\n')}\n`)]]);
}

/** What makes a feature fire, as lines of config.yaml. A threshold stands in the files instead. */
function firingOf(transcoders: readonly SaeParams[]): string[] {
  const [first] = transcoders;
  invariant(first !== undefined, 'a set of no transcoders');
  const other = transcoders.find(({ architecture }) => architecture !== first.architecture);
  if (other !== undefined) throw refusal(`${first.architecture} and ${other.architecture}`);
  switch (first.architecture) {
    case 'topk': {
      const ks = new Set(transcoders.map((one) => (one.architecture === 'topk' ? one.k : 0)));
      if (ks.size > 1) throw refusal(`k of ${[...ks].join(' and ')}`);
      return ['activation: topk', `k: ${first.k}`];
    }
    case 'relu':
      return ['activation: relu'];
    case 'jumprelu':
      return ['activation: jumprelu'];
    case 'gated':
      throw refusal('gated transcoders');
    default:
      return first satisfies never;
  }
}

function refusal(what: string): ConfigError {
  return new ConfigError(
    `circuit-tracer has no ${what} in one set. Train all blocks with one recipe.`,
    'transcoders',
  );
}

function tensorsOf(params: SaeParams, width: number): F32Tensor[] {
  const { d_in, d_sae } = params;
  invariant(params.architecture !== 'gated', 'gated ones were refused');
  const encoder = new Float32Array(width * d_in);
  const decoder = new Float32Array(width * d_in);
  const scales = params.architecture === 'topk' ? params.actScale : undefined;
  for (let latent = 0; latent < d_sae; latent++) {
    const scale = scales?.[latent] ?? 1;
    for (let i = 0; i < d_in; i++) {
      encoder[latent * d_in + i] = params.W_enc[i * d_sae + latent]!;
      decoder[latent * d_in + i] = scale * params.W_dec[latent * d_in + i]!;
    }
  }
  const filled = (values: Float32Array) => {
    const all = new Float32Array(width);
    all.set(values);
    return all;
  };
  const tensors: F32Tensor[] = [
    { name: 'W_enc', shape: [width, d_in], data: encoder },
    { name: 'W_dec', shape: [width, d_in], data: decoder },
    { name: 'b_enc', shape: [width], data: filled(params.b_enc) },
    { name: 'b_dec', shape: [d_in], data: params.b_dec },
  ];
  if (params.architecture !== 'jumprelu') return tensors;
  const threshold = filled(params.threshold);
  return [...tensors, { name: 'activation_function.threshold', shape: [width], data: threshold }];
}
