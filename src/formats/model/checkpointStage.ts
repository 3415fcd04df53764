// Whether a checkpoint was trained to chat, judged by its folder and by the training settings in its meta
// file. Uses names and keys only: the weights of a base model and of a chat model look alike.

export type CheckpointStage = {
  isChat: boolean;
  /** the evidence, as a sentence */
  why: string;
};

/** Folders of nanochat, and the usual words in other names. Checked from the innermost folder outwards. */
const FOLDERS: readonly [RegExp, boolean, string][] = [
  [/^chatsft_checkpoints$/i, true, 'fine-tuned to chat'],
  [/^chatrl_checkpoints$/i, true, 'fine-tuned to chat, then by reinforcement'],
  [/^mid_checkpoints$/i, true, 'mid-trained on conversations'],
  [/^base_checkpoints$/i, false, 'a base model'],
  [/(^|[^a-z])(sft|rl|mid|chat|instruct)([^a-z]|$)/i, true, 'trained to chat, by its name'],
  [/(^|[^a-z])base([^a-z]|$)/i, false, 'a base model, by its name'],
];

/** Settings that only nanochat's chat training has (scripts/chat_sft.py, chat_rl.py). */
const CHAT_SETTINGS = ['chatcore_every', 'gsm8k_epochs', 'mmlu_epochs', 'examples_per_step'];

/** paths: of the opened files; settings: names of the training settings in its meta file. */
export function tellCheckpointStage(
  paths: readonly string[],
  settings: readonly string[],
): CheckpointStage {
  const model = paths.find((path) => /(^|\/)model[^/]*\.(pt|safetensors)$/.test(path)) ?? '';
  for (const folder of model.split('/').slice(0, -1).reverse()) {
    // "nanochat" is no evidence of chat training: every model here is a nanochat.
    const name = folder.replace(/nanochat/gi, '');
    const found = FOLDERS.find(([pattern]) => pattern.test(name));
    if (found !== undefined) {
      return { isChat: found[1], why: `Its folder ${folder} means that it is ${found[2]}.` };
    }
  }
  const setting = CHAT_SETTINGS.find((key) => settings.includes(key));
  if (setting !== undefined) {
    return { isChat: true, why: `Its meta file has ${setting}, a setting of chat training.` };
  }
  if (paths.some((path) => /(^|\/)chat_template\.jinja$/.test(path))) {
    return { isChat: true, why: 'It came with a chat template.' };
  }
  return { isChat: false, why: 'Neither its folder nor its meta file mentions chat training.' };
}
