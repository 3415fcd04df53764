// The safetensors files of a NanoChatForCausalLM → nanochat's own tensor names. The matrices are the same,
// [out, in], and so is the rotation (transformers' rotate_half of this model is (b, −a)): only names change.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import type { NanochatConfig, TensorSource } from '../../core/model/nanochat';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import { dims, expectedTensors, listNames, NANOCHAT_REVISIONS } from './nanochatRevision';
import { readSafetensors } from '../archives/safetensors';

export type SafetensorsFile = { name: string; blob: Blob };

const LAYER_PARTS = [
  ['self_attn.q_proj', 'attn.c_q'],
  ['self_attn.k_proj', 'attn.c_k'],
  ['self_attn.v_proj', 'attn.c_v'],
  ['self_attn.o_proj', 'attn.c_proj'],
  ['mlp.fc1', 'mlp.c_fc'],
  ['mlp.fc2', 'mlp.c_proj'],
] as const;
const HEAD = 'lm_head.weight';
const EMBEDDING = 'transformer.wte.weight';

const INDEX = v.object({ weight_map: v.record(v.string(), v.string()) });

/** The distinct file names in an index. Throws FormatError if it is not an index. */
export function parseShardIndex(text: string, fileName: string): Map<string, string> {
  const result = v.safeParse(INDEX, readJson(text, fileName));
  if (!result.success) {
    throw new FormatError(
      `${fileName}: no weight_map from tensors to files; use the index that save_pretrained wrote`,
    );
  }
  return new Map(Object.entries(result.output.weight_map));
}

/** All tensors under nanochat's names; reads headers only. `index`: tensor → file, null for one file.
 *  Throws FormatError naming unexpected and missing tensors with their shapes. */
export async function readHfTensors(
  files: readonly SafetensorsFile[],
  index: ReadonlyMap<string, string> | null,
  config: NanochatConfig,
  isTied: boolean,
): Promise<Map<string, TensorSource>> {
  const found = await collect(files, index);
  const names = theirNames(config.n_layer);
  if (isTied) {
    const embedding = found.get('model.embed_tokens.weight');
    // A tied head may or may not be saved; if it is, it repeats the embedding.
    if (embedding !== undefined) found.set(HEAD, { ...embedding, name: HEAD });
  }
  checkNames(found, names, config);
  return new Map([...names].map(([theirs, ours]) => [ours, { ...found.get(theirs)!, name: ours }]));
}

async function collect(
  files: readonly SafetensorsFile[],
  index: ReadonlyMap<string, string> | null,
): Promise<Map<string, TensorSource>> {
  const found = new Map<string, TensorSource>();
  for (const { name: fileName, blob } of files) {
    const { tensors } = await readSafetensors(blob, fileName);
    for (const [name, tensor] of tensors) {
      if (found.has(name))
        throw new FormatError(`${fileName}: tensor ${quote(name)} appears twice`);
      if (index !== null && index.get(name) !== fileName) {
        throw new FormatError(
          `${fileName}: the index places tensor ${quote(name)} in ${quote(index.get(name) ?? 'no file')}; use the files of one export`,
        );
      }
      found.set(name, tensor);
    }
  }
  for (const [name, fileName] of index ?? []) {
    if (!found.has(name)) {
      throw new FormatError(
        `${fileName.slice(0, 80)}: it lacks tensor ${quote(name)}, which the index lists; download it again`,
      );
    }
  }
  return found;
}

/** transformers' name of every tensor → nanochat's. */
function theirNames(layers: number): Map<string, string> {
  const names = new Map<string, string>([
    ['model.embed_tokens.weight', EMBEDDING],
    [HEAD, HEAD],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    for (const [theirs, ours] of LAYER_PARTS) {
      names.set(`model.layers.${layer}.${theirs}.weight`, `transformer.h.${layer}.${ours}.weight`);
    }
  }
  return names;
}

function checkNames(
  found: ReadonlyMap<string, TensorSource>,
  names: ReadonlyMap<string, string>,
  config: NanochatConfig,
): void {
  // Here the tables have exactly vocab_size rows, whether that number is padded or not.
  const shapes = expectedTensors(config, NANOCHAT_REVISIONS.at(-1)!, config.vocab_size);
  const expected = (theirs: string) => shapes.get(names.get(theirs) ?? '');
  const unexpected = [...found.keys()].filter((name) => !names.has(name));
  const missing = [...names.keys()].filter((name) => !found.has(name));
  const misshapen = [...names.keys()].filter(
    (name) => found.has(name) && found.get(name)!.shape.join() !== expected(name)!.join(),
  );
  if (unexpected.length + missing.length + misshapen.length === 0) return;
  const parts = [
    ...listNames('unexpected', unexpected, (name) => dims(found.get(name)?.shape)),
    ...listNames('missing', missing, (name) => dims(expected(name))),
    ...listNames(
      'wrong shape',
      misshapen,
      (name) => `expected ${dims(expected(name))}, found ${dims(found.get(name)?.shape)}`,
    ),
  ];
  throw new FormatError(
    `safetensors: the tensors do not match a NanoChatForCausalLM with this config.json; ${parts.join('; ')}; export it again with transformers`,
  );
}
