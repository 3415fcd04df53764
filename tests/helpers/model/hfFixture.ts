// Fixtures of tests/peers/hf_goldens.py as a user would drop them.
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DroppedFile } from '../../../src/formats/model/nanochatFolder';
import { readSafetensors } from '../../../src/formats/archives/safetensors';

const FOLDER = 'tests/fixtures/hf';
const NATIVE = ['model_000000.pt', 'meta_000000.json', 'tokenizer.pkl'];
const NOT_DROPPED = ['note.json', 'golden.safetensors'];

export type HfFixtureName = 'sharded' | 'bf16' | 'tied';
export type HfNote = {
  token_ids: number[];
  /** positions of token_ids that the golden has */
  rows: number[];
  prompt_length: number;
  greedy_ids: number[];
  texts: { text: string; ids: number[] }[];
};

function filesOf(name: HfFixtureName): DroppedFile[] {
  return readdirSync(`${FOLDER}/${name}`)
    .filter((file) => !NOT_DROPPED.includes(file))
    .map((file) => {
      const bytes = readFileSync(`${FOLDER}/${name}/${file}`);
      const isPacked = file.endsWith('.gz');
      const blob = new Blob([isPacked ? gunzipSync(bytes) : bytes]);
      return { path: `${name}/${isPacked ? file.slice(0, -3) : file}`, blob };
    });
}

const isNative = ({ path }: DroppedFile) => NATIVE.some((native) => path.endsWith(`/${native}`));

/** What save_pretrained wrote. */
export const exportedFiles = (name: HfFixtureName) => filesOf(name).filter((f) => !isNative(f));
/** The same model as nanochat keeps it; `sharded` has one. */
export const nativeFiles = (name: HfFixtureName) => filesOf(name).filter(isNative);

export function readHfNote(name: HfFixtureName): HfNote {
  return JSON.parse(readFileSync(`${FOLDER}/${name}/note.json`, 'utf8')) as HfNote;
}

export async function readHfGolden(name: HfFixtureName): Promise<Map<string, Float32Array>> {
  const file = new Blob([readFileSync(`${FOLDER}/${name}/golden.safetensors`)]);
  const { tensors } = await readSafetensors(file);
  const values = [...tensors].map(async ([at, x]) => [at, await x.read()] as const);
  return new Map(await Promise.all(values));
}

export function readDemoTokenizerJson(): string {
  return gunzipSync(readFileSync(`${FOLDER}/demo_tokenizer.json.gz`)).toString('utf8');
}
