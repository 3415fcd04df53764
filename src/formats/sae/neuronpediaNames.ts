// What Neuronpedia calls things: ids of models and source sets have few characters, and a source is a layer of a set
// (interop.md §§8, 9).
import { parseHookPoint, type HookPoint, type HookSite } from '../../core/activations/hookPoint';
import { ConfigError } from '../../core/errors';

/** Where an SAE's features are to stand. */
export type NeuronpediaPlace = {
  modelId: string;
  /** of all layers: res-topk-2048 */
  sourceSet: string;
  layer: number;
  hookPoint: HookPoint;
};

const MODEL_ID = /^[a-z][a-z0-9.-]*[a-z0-9]$/;
const SET_NAME = /^[a-z][a-z0-9-]*[a-z0-9]$/;
const MAX_MODEL_ID = 32;

const SITE_NAMES: Readonly<Record<HookSite, string>> = {
  hook_resid_pre: 'respre',
  hook_attn_out: 'att',
  hook_resid_mid: 'resmid',
  'ln2.hook_normalized': 'transcoder',
  hook_mlp_out: 'mlp',
  hook_resid_post: 'res',
};

/** Names made from our own; either may be given. Throws ConfigError for one that Neuronpedia refuses. */
export function neuronpediaPlace(o: {
  modelName: string;
  hookPoint: HookPoint;
  architecture: string;
  d_sae: number;
  modelId?: string;
  sourceSet?: string;
}): NeuronpediaPlace {
  const { layer, site } = parseHookPoint(o.hookPoint);
  const place = {
    modelId: o.modelId ?? modelIdOf(o.modelName),
    sourceSet: o.sourceSet ?? `${SITE_NAMES[site]}-${slug(o.architecture)}-${o.d_sae}`,
    layer,
    hookPoint: o.hookPoint,
  };
  checkPlace(place);
  return place;
}

/** 6-res-topk-2048 */
export function sourceIdOf({ layer, sourceSet }: Pick<NeuronpediaPlace, 'layer' | 'sourceSet'>) {
  return `${layer}-${sourceSet}`;
}

function checkPlace({ modelId, sourceSet }: NeuronpediaPlace): void {
  if (!MODEL_ID.test(modelId) || modelId.length > MAX_MODEL_ID || /--|\.\./.test(modelId)) {
    throw new ConfigError(
      `Neuronpedia's id of the model must have 2 to ${MAX_MODEL_ID} characters, lower-case letters, digits, single hyphens and dots, begin with a letter and end with a letter or digit: ${modelId}`,
      'modelId',
    );
  }
  if (!SET_NAME.test(sourceSet) || sourceSet.includes('--') || sourceSet === 'neurons') {
    throw new ConfigError(
      `Neuronpedia's name of the source set must have lower-case letters, digits and single hyphens, begin with a letter, end with a letter or digit, and not be "neurons": ${sourceSet}`,
      'sourceSet',
    );
  }
}

function modelIdOf(name: string): string {
  const short = slug(name);
  const full = short.startsWith('nanochat') ? short : `nanochat-${short}`;
  return full.slice(0, MAX_MODEL_ID).replace(/-+$/, '');
}

function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'model' : plain;
}
