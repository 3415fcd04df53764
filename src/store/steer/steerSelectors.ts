// Questions that the Steer screen asks of the state. Pure.
import { saeName } from '../../core/sae/saeName';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import type { DialScale } from '../../core/steer/steerDial';
import type { DosePoint } from '../../core/steer/steeringReport';
import type { LatentDashboard, LatentRow } from '../../engine/statistics/api';
import { saeOf } from '../sae/saeSelectors';
import type { AppState } from '../state';
import { generationBlock } from '../generate/generateSelectors';
import { featureNameIn } from '../featureNames';
import { latentKey, type DoseState } from './steerState';
import type { SlotDraft } from './steerSetup';
import type { SteerTarget } from '../../core/steer/steering';

export function rowOf({ steer }: AppState, saeId: string, latentIndex: number): LatentRow | null {
  const rows = steer.rows[saeId]?.loaded;
  return rows?.status === 'ready' ? (rows.value[latentIndex] ?? null) : null;
}

export function dashboardOf({ steer }: AppState, target: SteerTarget): LatentDashboard | null {
  if (target.kind === 'vector') return null;
  const loaded = steer.dashboards[latentKey(target.saeId, target.latentIndex)];
  return loaded?.status === 'ready' ? loaded.value : null;
}

/** What was measured: all of it once it ended well, what has come so far before. */
export function dosePoints({ response, points }: DoseState): readonly DosePoint[] {
  return response?.points ?? points;
}

/** The reference sizes of the slot's dial, as far as they are known. */
export function dialScale(
  state: AppState,
  slot: Pick<SlotDraft, 'id' | 'target' | 'hook'>,
): DialScale {
  const told = state.steer.scales[slot.id];
  const { target } = slot;
  if (target.kind === 'vector') return { maxAct: null, medianNorm: told?.medianNorm ?? null };
  const row = rowOf(state, target.saeId, target.latentIndex);
  const hasStatistics = (saeOf(state, target.saeId)?.statisticsTokens ?? 0) > 0;
  const known = row?.maxAct ?? told?.maxAct ?? null;
  // Rows may not have arrived yet, but a feature with statistics still starts at its max.
  return { maxAct: hasStatistics ? (known ?? 1) : null, medianNorm: told?.medianNorm ?? null };
}

/** The feature's name, its number while it has none, with its SAE where that is not the open one; a vector's name. */
export function targetName(state: AppState, target: SteerTarget): string {
  if (target.kind === 'vector') {
    const vector = state.steer.vectors.find(({ vectorId }) => vectorId === target.vectorId);
    return vector === undefined ? `Vector ${target.vectorId}` : `Vector ${vector.name}`;
  }
  const isMain = target.saeId === state.steer.saeId;
  const sae = saeOf(state, target.saeId);
  const { text, source } = featureNameIn(state, target.saeId, target.latentIndex);
  const name = source === 'none' ? `Feature ${target.latentIndex}` : text;
  return `${name}${isMain || sae === null ? '' : `, ${saeName(sae)}`}`;
}

/** Why no text can be steered now, as a sentence; null if Generate works. */
export function steeringBlock(state: AppState): string | null {
  const blocked = generationBlock(state);
  if (blocked !== null) return blocked;
  const { slots } = state.steer.setup;
  if (slots.length === 0) {
    return state.steer.wanted === null
      ? 'Add a feature or a vector first.'
      : 'Waits for the SAEs to be listed.';
  }
  for (const slot of slots) {
    const reason = targetBlock(state, slot);
    if (reason !== null) return reason;
  }
  return null;
}

function targetBlock(state: AppState, { target, dial }: SlotDraft): string | null {
  const model = state.model.open;
  if (target.kind === 'vector') {
    const vector = state.steer.vectors.find(({ vectorId }) => vectorId === target.vectorId);
    if (vector === undefined) {
      return `${target.vectorId} is not in this browser: make or upload it again, or remove the slot.`;
    }
    return widthBlock(vector.name, vector.d_in, model?.n_embd ?? null);
  }
  const sae = saeOf(state, target.saeId);
  if (sae === null)
    return 'A slot uses an SAE that is not in this browser: remove it or choose another.';
  const { latentIndex } = target;
  if (!Number.isInteger(latentIndex) || latentIndex < 0 || latentIndex >= sae.d_sae) {
    return `This SAE has features 0 to ${sae.d_sae - 1}.`;
  }
  const countsInMax = dial.unit === 'max' && dial.mode !== 'scale' && dial.mode !== 'ablate';
  if (countsInMax && sae.statisticsTokens === 0) {
    return 'Strength is measured in maximum activations, but this SAE has no statistics yet: compute them on Explore, or choose another unit.';
  }
  return widthBlock('This SAE', sae.d_in, model?.n_embd ?? null);
}

function widthBlock(what: string, d_in: number, width: number | null): string | null {
  if (width === null || d_in === width) return null;
  return `${what} was made on a model ${d_in} wide; the open one is ${width} wide.`;
}

const NO_GUESSES: readonly LabelGuess[] = [];

/** Guessed labels of an SAE by latent index, if the page has them. */
export function guessesOf({ statistics: { labels } }: AppState, saeId: string | null) {
  return labels.guessesOf === saeId ? (labels.guesses ?? NO_GUESSES) : NO_GUESSES;
}
