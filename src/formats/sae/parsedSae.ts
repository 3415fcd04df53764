// An SAE read from somebody's files, whatever tool wrote them: folded parameters, where it belongs, what its
// files say of it, and what of them is handed on unchanged. Types only.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { SaeParams } from '../../core/sae/sae';
import type { ParsedFacts } from './saelensFacts';

/** The tool whose files they are. */
type SaeForm = 'SAELens' | 'sparsify' | 'dictionary_learning' | 'OpenAI';

/** What an SAE's files say that nothing here computes: written again as it was. */
export type CarriedFiles = {
  /** SAELens' metadata without our own entry; of other tools what their configuration says, under SAELens' names
   *  where it has one */
  metadata: Record<string, unknown>;
  /** [d_sae], of its sparsity.safetensors; null without one */
  fireRates: Float32Array | null;
};

export type ParsedSae = {
  form: SaeForm;
  /** folded: latentActs in model units, unit decoder rows */
  params: SaeParams;
  /** W_dec before a fold that gave params an actScale; otherwise the same as theirs */
  W_dec: Float32Array;
  hookName: HookPoint;
  modelName: string;
  facts: ParsedFacts;
  carried: CarriedFiles;
};
