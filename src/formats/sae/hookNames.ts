// What tools call the places of nanochat's residual stream: read from all dialects, written in the two of
// transformers (SAELens' hf_hook_name, sparsify's folders). Where no module stands, there is no name.
import { FormatError } from '../../core/errors';
import {
  hookPoint,
  isTranscoderPoint,
  parseHookPoint,
  type HookPoint,
  type HookSite,
} from '../../core/activations/hookPoint';
import { quote } from '../archives/byteRange';

/** Names that say the place: hook_out is TransformerLens' bridge; a bare module is a block's output. */
const BRIDGE = /^blocks\.(\d{1,4})\.hook_out$/;
const MODULE =
  /^(?:(?:model\.)?layers|(?:model\.)?transformer\.h|gpt_neox\.layers|h)\.(\d{1,4})(?:\.(mlp|attn|self_attn|attention))?$/;
/** Other names for what an MLP reads: TransformerLens', and the module of transformers that gives it. */
const INTO_MLP =
  /^(?:blocks\.(\d{1,4})\.mlp\.hook_in|(?:model\.)?layers\.(\d{1,4})\.post_attention_layernorm)$/;
/** dictionary_learning's submodule_name, in which the layer comes last, and OpenAI's locations */
const SUBMODULE = /^(resid_post|resid_pre|attention_out|attn_out|mlp_out)_layer_(\d{1,4})$/;
const SUBMODULE_SITES: Readonly<Record<string, HookSite>> = {
  resid_post: 'hook_resid_post',
  resid_pre: 'hook_resid_pre',
  attention_out: 'hook_attn_out',
  attn_out: 'hook_attn_out',
  mlp_out: 'hook_mlp_out',
};

/** null: not a name of a place that nanochat's models have */
export function readHookName(name: string): HookPoint | null {
  const bridge = BRIDGE.exec(name);
  if (bridge !== null) return hookPoint(Number(bridge[1]), 'hook_resid_post');
  const into = INTO_MLP.exec(name);
  if (into !== null) return hookPoint(Number(into[1] ?? into[2]), 'ln2.hook_normalized');
  const module = MODULE.exec(name);
  if (module !== null) return hookPoint(Number(module[1]), moduleSite(module[2]));
  const submodule = SUBMODULE.exec(name);
  const site = SUBMODULE_SITES[submodule?.[1] ?? ''];
  if (submodule !== null && site !== undefined) return hookPoint(Number(submodule[2]), site);
  try {
    const { layer, site: named } = parseHookPoint(name);
    return hookPoint(layer, named);
  } catch {
    return null;
  }
}

function moduleSite(part: string | undefined): HookSite {
  if (part === undefined) return 'hook_resid_post';
  return part === 'mlp' ? 'hook_mlp_out' : 'hook_attn_out';
}

/** As readHookName. what: the field or folder that gives the name. Throws FormatError naming both. */
export function hookPointOf(name: string, what: string): HookPoint {
  const point = readHookName(name);
  if (point !== null) return point;
  throw new FormatError(
    `${what} ${quote(name)} is not a place of nanochat's residual stream; names such as blocks.2.hook_resid_post, blocks.2.hook_out, model.layers.2 and transformer.h.2 are read`,
  );
}

/** The module of transformers whose output it is: model.layers.2. null: between modules, where a residual
 *  stream is only the input of one. */
export function transformersHookName(point: HookPoint): string | null {
  const { layer } = parseHookPoint(point);
  if (isTranscoderPoint(point)) return `model.layers.${layer}.post_attention_layernorm`;
  const module = sparsifyHookName(point);
  return module === null ? null : `model.${module}`;
}

/** The same without the head: layers.2, as sparsify names folders. */
export function sparsifyHookName(point: HookPoint): string | null {
  const { layer, site } = parseHookPoint(point);
  switch (site) {
    case 'hook_resid_post':
      return `layers.${layer}`;
    case 'hook_attn_out':
      return `layers.${layer}.self_attn`;
    case 'hook_mlp_out':
      return `layers.${layer}.mlp`;
    case 'hook_resid_pre':
    case 'hook_resid_mid':
    case 'ln2.hook_normalized':
      return null;
    default:
      return site satisfies never;
  }
}
