// What files dropped on the window are meant as, by their names; what is in them, whoever reads them finds out. Pure.
import { visibleText } from '../../../core/text/visibleText';
import type { Problem } from '../../../engine/shared/api';

/** unsure: names do not tell whether it is an SAE or rows of another tool */
export type DropKind = 'model' | 'rows' | 'sae' | 'unsure' | 'text' | 'shared';

/** An SAE is told from a model by its own files, since both may be safetensors beside other json. */
const KINDS: readonly (readonly [DropKind, RegExp])[] = [
  ['shared', /\.nanoscope\.gz$/i],
  ['sae', /(^|\/)(cfg\.json|(sae|sae_weights)\.safetensors|ae\.pt)$/i],
  ['model', /(^|\/)(model_\d+\.pt|meta_\d+\.json|tokenizer\.(pkl|json)|config\.json)$|\.pt$/i],
  ['model', /(^|\/)(model|pytorch_model)[^/]*\.safetensors(\.index\.json)?$/i],
  ['rows', /\.npy$/i],
  ['unsure', /\.(safetensors|zip)$/i],
  ['text', /\.(txt|md|jsonl|parquet)$/i],
];

/** null: nothing that the page can open. */
export function dropKind(paths: readonly string[]): DropKind | null {
  return KINDS.find(([, pattern]) => paths.some((path) => pattern.test(path)))?.[0] ?? null;
}

export function unknownDrop(paths: readonly string[]): Problem {
  const [first = ''] = paths;
  const name = visibleText(first.split('/').at(-1) ?? first);
  const what =
    paths.length === 0
      ? 'The drop held no file.'
      : `${name}${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}: neither a model, nor an SAE, nor rows of activations, nor a text, nor a shared file.`;
  return {
    kind: 'file',
    what,
    wayOut:
      'Drop a nanochat checkpoint folder (model_*.pt, meta_*.json, tokenizer.pkl), the folder of an SAE (of SAELens, sparsify or dictionary_learning, or a zip from here), rows of activations (.npy or .safetensors, with rows.jsonl and pictures), a text (.txt, .md, .jsonl, .parquet), or what somebody shared (.nanoscope.gz).',
    field: null,
  };
}
