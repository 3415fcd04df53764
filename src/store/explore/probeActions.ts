// Intents of trying out a feature: type a text, send an example to the test box, switch the feature off in an
// example, read the model's next-token probabilities.
import { cutCharacters } from '../../core/text/cutCharacters';
import { joinTokens } from '../../core/text/runningText';
import { MAX_SHARED_TEXT } from '../../core/share/shareState';
import type { ExampleToken } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import type { AblationView, ReadingOf } from './probeState';
import { generationBlock } from '../generate/generateSelectors';
import { nextTokensOf } from './exploreSelectors';

/** Quiet time after a key before the text is read, ms (interface.md 2.3, Test box). */
const TYPING_PAUSE_MS = 150;

export function makeProbeActions({ api, env, get, patch }: StoreContext) {
  let cancelTimer = () => {};

  function question(): ReadingOf | null {
    const { sae, explore, model } = get();
    const { latentIndex, text } = explore;
    if (sae.selectedId === null || latentIndex === null || model.open === null) return null;
    return text.trim() === '' ? null : { saeId: sae.selectedId, latentIndex, text };
  }

  async function read(): Promise<void> {
    const of = question();
    if (of === null) return;
    const outcome = await settle(api.explore.readText(of));
    if (!isSame(of, question())) return;
    if (outcome.ok) {
      patch('explore', 'probe', {
        reading: false,
        answer: { of, value: outcome.value },
        problem: null,
      });
    } else if (outcome.problem.kind !== 'cancelled') {
      patch('explore', 'probe', { reading: false, problem: outcome.problem });
    }
  }

  /** Reads the text for the current feature and model once typing pauses. */
  function readSoon(): void {
    cancelTimer();
    if (question() === null) {
      patch('explore', 'probe', { reading: false, answer: null, problem: null });
      return;
    }
    patch('explore', 'probe', { reading: true });
    cancelTimer = env.after(TYPING_PAUSE_MS, () => void read());
  }

  /** Cut to the length that a link can carry. */
  function setText(text: string): void {
    patch('explore', { text: cutCharacters(text, MAX_SHARED_TEXT) });
  }

  async function run(view: AblationView): Promise<void> {
    patch('explore', 'probe', { ablation: { ...view, running: true, problem: null } });
    const { saeId, latentIndex, position, tokens } = view;
    const tokenIds = tokens.map(({ tokenId }) => tokenId);
    const outcome = await settle(api.explore.ablate({ saeId, latentIndex, tokenIds, position }));
    const open = get().explore.probe.ablation;
    // Closed or requested again meanwhile.
    if (open?.source !== view.source || open.position !== position) return;
    const lead = outcome.ok ? outcome.value.tokens.length - tokens.length : 0;
    patch('explore', 'probe', {
      ablation: {
        ...view,
        running: false,
        ...(outcome.ok
          ? {
              result: outcome.value,
              tokens: outcome.value.tokens,
              position: position === null ? null : position + lead,
              problem: null,
            }
          : { problem: outcome.problem.kind === 'cancelled' ? null : outcome.problem }),
      },
    });
  }

  return {
    setText,
    readSoon,
    /** Puts the example's text into the test box. */
    sendExample: (tokens: readonly ExampleToken[]) => setText(textOf(tokens)),
    /** Opens an example's ablation with the feature off everywhere; the open one closes. */
    toggleAblation: (source: readonly ExampleToken[]) => {
      const {
        sae,
        explore,
        explore: { probe },
      } = get();
      const { selectedId: saeId } = sae;
      const { latentIndex } = explore;
      if (probe.ablation?.source === source || saeId === null || latentIndex === null) {
        patch('explore', 'probe', { ablation: null });
        return;
      }
      const first = { source, tokens: source, position: null, running: true };
      void run({ saeId, latentIndex, ...first, result: null, problem: null });
    },
    /** Reads a text's next-token log-probabilities when one of its tokens is first pointed at. */
    readNextTokens: async (source: readonly ExampleToken[]) => {
      if (nextTokensOf(get(), source) !== null || generationBlock(get()) !== null) return;
      const asked = { source, model: get().model.open, logProbs: null, problem: null };
      patch('explore', 'probe', { next: asked });
      const outcome = await settle(api.explore.nextLogProbs(source.map(({ tokenId }) => tokenId)));
      if (get().explore.probe.next !== asked) return;
      if (outcome.ok) patch('explore', 'probe', { next: { ...asked, logProbs: outcome.value } });
      else if (outcome.problem.kind === 'cancelled') patch('explore', 'probe', { next: null });
      else patch('explore', 'probe', { next: { ...asked, problem: outcome.problem } });
    },
    /** Where the feature is off: at one token of the open ablation, or everywhere (null). */
    ablateAt: (position: number | null) => {
      const { ablation } = get().explore.probe;
      if (ablation !== null) void run({ ...ablation, position });
    },
  };
}

function isSame(a: ReadingOf, b: ReadingOf | null): boolean {
  return a.saeId === b?.saeId && a.latentIndex === b.latentIndex && a.text === b.text;
}

/** Special tokens cannot be typed; bytes of a character that the window cuts have no text. */
function textOf(tokens: readonly ExampleToken[]): string {
  const typed = tokens.filter(({ isSpecial }) => !isSpecial).map(({ text }) => text);
  return joinTokens(typed).replaceAll(/⟨[0-9A-F]{2}(?: [0-9A-F]{2})*⟩/g, '');
}
