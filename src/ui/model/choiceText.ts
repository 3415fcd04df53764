// One of several models as a line of a select.
import type { ModelChoice } from '../../engine/model/api';
import type { ChoiceRef } from '../../store/model/modelChoice';
import { bytes, count, measure } from '../parts/text/numberText';

const STAGE_WORDS = {
  base: 'base',
  mid: 'mid-trained',
  sft: 'chat (SFT)',
  rl: 'chat (RL)',
} as const;

/** d20 · chat (SFT) · step 700 · 0.812 bits per byte · 1.1 GB */
export function choiceText(choice: ModelChoice): string {
  const parts = [
    choice.tag === '' ? 'files' : choice.tag,
    choice.stage === null ? null : STAGE_WORDS[choice.stage],
    choice.step === null ? 'safetensors' : `step ${count(choice.step)}`,
    choice.valBpb === null ? null : `${measure(choice.valBpb)} bits per byte`,
    choice.byteLength === null ? 'size unknown' : bytes(choice.byteLength),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

export function keyOf({ folder, step }: ChoiceRef): string {
  return JSON.stringify([folder, step]);
}

export function findChoice<T extends ChoiceRef>(choices: readonly T[], key: string): T | null {
  return choices.find((choice) => keyOf(choice) === key) ?? null;
}
