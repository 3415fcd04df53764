// How a run is named and what its phase is called. Pure.
import type { RunFacts, RunPhase } from '../../engine/api';
import { count, measure } from '../numberText';

export function runName(run: RunFacts): string {
  return run.config.hookPoint;
}

export function runDetail(run: RunFacts): string {
  const { d_sae: latents, k, tokens, seed } = run.config;
  return `${count(latents)} features · k ${k} · ${measure(tokens)} tokens · seed ${seed}`;
}

export function phaseName(phase: RunPhase): string {
  return phase.kind;
}
