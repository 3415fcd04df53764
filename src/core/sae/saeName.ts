// What an SAE is called: the name in its id and files, made from its settings, and the plain one that a person reads.
// A name that somebody gave it is kept as it is. Pure.
import { isTranscoderPoint, parseHookPoint, type HookPoint } from '../activations/hookPoint';
import type { SaeArchitecture } from './architecture';

export const ARCHITECTURE_NAMES: Readonly<Record<SaeArchitecture, string>> = {
  topk: 'TopK',
  batchtopk: 'BatchTopK',
  matryoshka: 'Matryoshka',
  relu: 'ReLU + L1',
  gated: 'Gated',
  jumprelu: 'JumpReLU',
  transcoder: 'Transcoder',
};

type Kind = { architecture: SaeArchitecture; k: number | null };

/** What of an SAE its names are made of. */
export type NamedSae = Kind & {
  name: string;
  origin: 'demo' | 'trained' | 'imported';
  hookPoint: HookPoint;
  d_sae: number;
  runId?: string;
};

/** l2-resid_post-topk16-2048-run-3: in its id and in the names of its files. */
export function trainedFileName(o: Omit<NamedSae, 'name' | 'origin'> & { runId: string }): string {
  const kind = `${o.architecture}${o.k ?? ''}`;
  return `${shortHook(o.hookPoint)}-${kind}-${o.d_sae}-${o.runId}`;
}

/** imported-l2-resid_post-2048 */
export function importedFileName(hookPoint: HookPoint, d_sae: number): string {
  return `imported-${shortHook(hookPoint)}-${d_sae}`;
}

/** The name on screen, beside its place and its size: “TopK 16, run 3”, or the one that somebody gave it. */
export function saeName(sae: NamedSae): string {
  const { origin, name, hookPoint, d_sae, runId } = sae;
  switch (origin) {
    case 'demo':
      // There is one at a place, whatever its file is called.
      return isTranscoderPoint(hookPoint) ? 'demo transcoder' : 'demo SAE';
    case 'trained':
      if (runId === undefined || name !== trainedFileName({ ...sae, runId })) return name;
      return `${kindText(sae)}, ${runId.replace('-', ' ')}`;
    case 'imported':
      return name === importedFileName(hookPoint, d_sae) ? `imported ${kindText(sae)}` : name;
    default:
      return origin satisfies never;
  }
}

function kindText({ architecture, k }: Kind): string {
  return k === null ? ARCHITECTURE_NAMES[architecture] : `${ARCHITECTURE_NAMES[architecture]} ${k}`;
}

/** blocks.2.hook_resid_post → l2-resid_post */
function shortHook(hook: HookPoint): string {
  const { layer, site } = parseHookPoint(hook);
  const place = site === 'ln2.hook_normalized' ? 'mlp' : site.replace('hook_', '');
  return `l${layer}-${place}`;
}
