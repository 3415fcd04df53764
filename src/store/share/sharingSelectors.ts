// Questions about what is shared: what of it is here, and why it cannot be computed again. Pure.
import { hashOfId, isSameContent } from '../../core/contentId';
import { isOfModel } from '../../core/model/modelId';
import type { SharedContent, SharedFeature, SharedRun } from '../../core/share/sharedContent';
import type { SaeFacts } from '../../engine/sae/api';
import type { LatentDashboard } from '../../engine/statistics/api';
import type { GenerationRun } from '../generate/generationRun';
import type { AppState } from '../state';

export function receivedContent({ share }: Pick<AppState, 'share'>): SharedContent | null {
  return share.received?.content.status === 'ready' ? share.received.content.value : null;
}

/** The SAE of this browser with exactly that content. */
export function sameSae({ sae }: Pick<AppState, 'sae'>, saeId: string): SaeFacts | null {
  const isIt = (id: string) => isSameContent(id, saeId);
  return sae.list?.find((one) => [one.saeId, ...(one.otherIds ?? [])].some(isIt)) ?? null;
}

/** What keeps the content from being computed again. `text`: it carries nothing that could be. */
export type CheckBlock =
  | { kind: 'model'; ref: string; isOpening: boolean }
  | { kind: 'sae'; ref: string }
  | { kind: 'text' };

export function checkBlock(state: AppState, content: SharedContent): CheckBlock | null {
  const { open, opening } = state.model;
  const isChecked = content.run !== null || content.features.some(hasLeads);
  if (!isChecked) return { kind: 'text' };
  for (const saeId of saesOf(content)) {
    if (sameSae(state, saeId) === null) return { kind: 'sae', ref: saeId };
  }
  const { model } = content;
  const isHere = open !== null && (model === null || isOfModel({ modelId: model }, open));
  if (isHere) return null;
  return { kind: 'model', ref: model ?? 'its model', isOpening: open === null && opening };
}

function hasLeads({ examples }: SharedFeature): boolean {
  return examples.some(({ lead }) => lead !== null);
}

function saesOf({ sae, run }: SharedContent): string[] {
  const steered = (run?.request.steer.slots ?? []).flatMap(({ target }) =>
    target.kind === 'latent' ? [target.saeId] : [],
  );
  return [...(sae === null ? [] : [sae.saeId]), ...steered];
}

/** demo~3f9a1c07b2de → 3f9a1c07b2de */
export const shownRef = (id: string) => hashOfId(id);

/** Special tokens are known by their names; ordinary text never spells one. */
function isSpecialText(text: string): boolean {
  return /^<\|[a-z_]+\|>$/.test(text);
}

/** A shared feature as the dashboard's own data. */
export function dashboardOf(f: SharedFeature): LatentDashboard {
  const { latentIndex, density, fireCount, maxAct, meanAct, firesOn } = f;
  return {
    row: {
      latentIndex,
      density,
      fireCount,
      maxAct,
      meanAct,
      kurtosis: null,
      isAlwaysOn: density > 0.1,
      neighbourCosine: null,
      neighbourIndex: null,
      firesOn,
      topToken: null,
    },
    tokensSeen: f.tokensSeen,
    histogram: f.histogram,
    topExamples: f.examples.map(({ tokens, peak, repeats, lead }) => ({
      tokens: tokens.map((token) => ({ ...token, isSpecial: isSpecialText(token.text) })),
      peak,
      repeats,
      act: tokens[peak]?.act ?? 0,
      firstPosition: lead === null ? null : lead.length,
    })),
    details: null,
    topLogits: f.topLogits,
    bottomLogits: f.bottomLogits,
  };
}

/** A shared pair of texts as a run that has ended. */
export function runOf({ request, prompt, lanes }: SharedRun): GenerationRun {
  const made = (tokens: SharedRun['lanes']['baseline']) =>
    tokens.map(({ tokenId, text, logProb, kl }) => ({
      tokenId,
      text,
      isSpecial: isSpecialText(text),
      logProb,
      isForced: logProb === null,
      values: [],
      choice: null,
      steered: kl === null ? null : { kl, surprise: null, edits: [], slots: [] },
    }));
  return {
    generationId: 0,
    running: false,
    prompt: prompt.map((token) => ({ ...token, isSpecial: isSpecialText(token.text) })),
    lanes: { baseline: made(lanes.baseline), steered: made(lanes.steered) },
    reason: 'length',
    problem: null,
    startedAt: 0,
    updatedAt: 0,
    isPaused: false,
    request,
    automation: request.steer.automation,
    latents: [],
  };
}
