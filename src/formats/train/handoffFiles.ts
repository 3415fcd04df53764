// What is taken to other machines to train SAEs there: a Python script that never changes (train_sae.py), the recipe that
// it reads, a file for SkyPilot, and words. SAELens trains; `nanoscope import` takes back what it wrote.
import type { SaeConfig } from '../../core/sae/sae';
import { transformersHookName } from '../sae/hookNames';
import script from './train_sae.py?raw';

const RECIPE_FILE = 'recipe.json';
const SCRIPT_FILE = 'train_sae.py';
export const TEXT_FILE = 'text.jsonl';
/** where the script puts the SAEs, beside itself */
const RESULTS = 'saes';

export type HandoffFacts = {
  /** of nanoscope */
  version: string;
  model: { id: string; name: string; step: number | null };
  text: { name: string; documents: number };
  configs: readonly SaeConfig[];
};

/** By name; the text is not among them. */
export function formatHandoff(facts: HandoffFacts): Map<string, string> {
  const { version, model, text, configs } = facts;
  const names = runNames(configs);
  const runs = configs.map((config, at) => ({
    name: names[at],
    hfHookName: transformersHookName(config.hookPoint),
    ...config,
  }));
  return new Map([
    ['README.md', readme(facts)],
    [RECIPE_FILE, `${JSON.stringify({ version, model, text, runs }, null, 2)}\n`],
    [SCRIPT_FILE, script],
    ['sky.yaml', skyFile(configs.length)],
  ]);
}

/** As the folders of the results are called. */
function runNames(configs: readonly SaeConfig[]): string[] {
  const taken = new Map<string, number>();
  return configs.map(({ hookPoint, architecture, initSeed }) => {
    const name = `${hookPoint}_${architecture}_seed_${initSeed}`;
    const before = taken.get(name) ?? 0;
    taken.set(name, before + 1);
    return before === 0 ? name : `${name}_${before + 1}`;
  });
}

/** Processes that a machine of SkyPilot is asked for. */
const MOST_PROCESSES = 8;

function skyFile(runs: number): string {
  const gpus = Math.min(runs, MOST_PROCESSES);
  return `# sky launch sky.yaml          (SkyPilot: https://docs.skypilot.co)
# Change the two paths on the right, and the kind of GPU if you like. More machines: num_nodes.
name: nanoscope
num_nodes: 1
resources:
  accelerators: A100:${gpus}
workdir: .
file_mounts:
  ~/nanochat: ~/nanochat
  ~/checkpoint: ~/.cache/nanochat/base_checkpoints/d20
setup: |
  pip install -q uv
  uv sync --script ${SCRIPT_FILE}
run: |
  $(uv python find --script ${SCRIPT_FILE}) -m torch.distributed.run \\
    --nnodes $SKYPILOT_NUM_NODES --node-rank $SKYPILOT_NODE_RANK --nproc-per-node $SKYPILOT_NUM_GPUS_PER_NODE \\
    --master-addr $(echo "$SKYPILOT_NODE_IPS" | head -n1) --master-port 8008 \\
    ${SCRIPT_FILE} --nanochat ~/nanochat --checkpoint ~/checkpoint
# then, from here: rsync -r nanoscope:sky_workdir/${RESULTS}/ ${RESULTS}/
`;
}

function readme({ version, model, text, configs }: HandoffFacts): string {
  const names = runNames(configs);
  const rows = configs.map(
    (c, at) =>
      `| \`${names[at]}\` | \`${c.hookPoint}\` | ${c.architecture}${'k' in c ? `, k ${c.k}` : ''} | ${c.d_in} → ${c.d_sae} | ${c.tokens} | ${c.initSeed} |`,
  );
  return `# SAEs to train elsewhere

Written by nanoscope ${version} for \`${code(model.name)}\`${model.step === null ? '' : `, step ${model.step}`}, and the text \`${code(text.name)}\` (${text.documents}
documents in \`${TEXT_FILE}\`; those that nanoscope measures on are not among them).

| SAE | hook point | kind | width | tokens | seed |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## On one machine

\`\`\`sh
uv run ${SCRIPT_FILE} --nanochat ~/nanochat --checkpoint FOLDER_OF_MODEL_PT
\`\`\`

## On several GPUs

Each process takes other SAEs of the table; they do not talk to one another.

\`\`\`sh
uv sync --script ${SCRIPT_FILE}
$(uv python find --script ${SCRIPT_FILE}) -m torch.distributed.run --standalone --nproc-per-node 2 ${SCRIPT_FILE} --nanochat ~/nanochat --checkpoint FOLDER_OF_MODEL_PT
\`\`\`

In the cloud: \`sky launch sky.yaml\`, after changing its two paths. Another text: \`--text shards/*.parquet\`. A run that was cut
off is started again with the same command, and SAEs that are there are left out.

## Back here

\`\`\`sh
nanoscope import ${RESULTS} --output-dir imported
nanoscope eval --sae-dir imported --checkpoint FOLDER_OF_MODEL_PT
\`\`\`

or drop the folder \`${RESULTS}\` on the page.

## What is the same, and what is not

The same: the place that is read, the width, k or the penalty, the number of tokens and of tokens a step, the learning rate
with its warm-up and decay, Adam's betas, the input's scale, the first weights of kinds with a k and the norm of their
decoder, how text is packed, that special tokens are left out, the text. SAELens' own: what is done for dead features,
clipping, the order of the text. So the SAE is not the same bit for bit. nanochat computes in bfloat16 on a GPU, nanoscope
in 32 bits; set \`NANOCHAT_DTYPE=float32\` to compare to the last digit.

## Larger than that

- One SAE per GPU, of many layers, from shared forward passes: sparsify, \`torchrun --nproc-per-node 8 -m sparsify MODEL DATASET --distribute_modules --hookpoints "layers.*" --k 32\`. It needs
  a model in the form that transformers loads and CUDA, trains TopK by its own recipe, and with
  \`--transcode\` transcoders, which SAELens does not train.
- One SAE that is too large for one GPU: Llamascopium (data and tensor parallel).
`;
}

function code(text: string): string {
  return text.replaceAll('`', "'");
}
