// The names of runs and of their phases. Pure.
import { counted } from '../../core/text/counted';
import type { RunFacts, RunPhase } from '../../engine/train/api';
import { architectureText } from '../parts/text/architectureText';
import { hookName } from '../parts/text/hookText';
import { count, measure } from '../parts/text/numberText';

export function runName(run: RunFacts): string {
  if (run.source === 'random') return 'Random activations';
  return readsRows(run) ? capital(nameOf(run.modelId)) : hookName(run.config.hookPoint);
}

/** Rows of a file stand in a model's place and in a text's. */
export function readsRows({ source, modelId, corpusId }: RunFacts): boolean {
  return source === 'model' && modelId === corpusId;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function runDetail(run: RunFacts): string {
  const { d_sae: latents, tokens, seed, initSeed, architecture } = run.config;
  const weights = initSeed === seed ? '' : `, weights of ${initSeed}`;
  const kept = 'k' in run.config ? run.config.k : null;
  const isPlain = run.source === 'random' || readsRows(run) || run.corpusId.startsWith('demo~');
  const text = isPlain ? '' : ` · text ${nameOf(run.corpusId)}`;
  return `${count(latents)} features · ${architectureText(architecture, kept)} · ${measure(tokens)} tokens · seed ${seed}${weights}${text}`;
}

/** name~id12 → name */
function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('~'));
}

export function phaseName(phase: RunPhase): string {
  switch (phase.kind) {
    case 'preparing':
      // What comes before the first step and after the last one.
      return phase.what.toLowerCase();
    case 'notBegun':
      return 'not begun';
    case 'done':
      return 'finished';
    case 'queued':
    case 'training':
    case 'paused':
    case 'stopped':
    case 'failed':
      return phase.kind;
    default:
      return phase satisfies never;
  }
}

/** "paused at step 5 of 10" */
export function progressText(run: RunFacts): string {
  const name = phaseName(run.phase);
  if (run.phase.kind === 'notBegun') return `${name}: its settings are kept`;
  if (run.phase.kind === 'done') return `${name}, ${counted(run.totalSteps, 'step')}`;
  return `${name} at step ${count(run.step)} of ${count(run.totalSteps)}`;
}
