// Intents of Start: read a text, choose a word, let the model write on, turn a feature up, train one's own.
import type { StoreContext } from '../context';
import { beginGeneration, type RunPlace } from '../generate/generation';
import { generationBlock } from '../generate/generateSelectors';
import type { GenerationForm } from '../generate/generationRun';
import { settle } from '../problems';
import { languageModel } from '../model/openRows';
import { selectedSae } from '../sae/saeSelectors';
import { startReading, startText } from './startSelectors';
import { makeTurnUp, WRITTEN } from '../steer/turnUp';

/** Quiet time after a key before the text is read again, ms. */
const TYPING_PAUSE_MS = 150;

/** train: a new run of one's own with the shortest preset. */
export function makeStartActions(context: StoreContext, o: { trainShortest: () => Promise<void> }) {
  const { api, env, get, patch, jobs } = context;
  let cancelTyping = () => {};
  const { turnUp, setStrength, write, follow } = makeTurnUp(context, {
    get: () => get().start.turned,
    set: (turned) => patch('start', { turned }),
    prompt: () => startText(get().start),
  });

  /** What is not read yet, by the model and SAE that are chosen; a newer text cancels an older one. */
  async function read(): Promise<void> {
    const sae = selectedSae(get());
    const text = startText(get().start);
    if (sae === null || languageModel(get()) === null || text.trim() === '') return;
    const known = startReading(get());
    if (known?.saeId === sae.saeId && known.text === text) return;
    patch('start', { isReading: true, problem: null });
    const outcome = await settle(
      api.explore.activeLatents({ saeIds: [sae.saeId], text, purpose: 'start' }),
    );
    const isStale = startText(get().start) !== text || get().sae.selectedId !== sae.saeId;
    if (isStale) return;
    if (!outcome.ok) {
      const isCancelled = outcome.problem.kind === 'cancelled';
      patch('start', { isReading: false, problem: isCancelled ? null : outcome.problem });
      return;
    }
    const { tokens, saes } = outcome.value;
    const found = saes[0];
    patch('start', {
      isReading: false,
      reading: {
        saeId: sae.saeId,
        text,
        tokens: tokens.map((token, i) => ({
          text: token.text,
          features: found?.tokens[i] ?? [],
        })),
        featureCount: found?.latents.length ?? 0,
      },
    });
    // The two texts go on from this one.
    if ((get().start.turned?.run ?? null) !== null) await write();
  }

  function setText(text: string): void {
    patch('start', { text, token: null, writing: null });
    cancelTyping();
    cancelTyping = env.after(TYPING_PAUSE_MS, () => void read());
  }

  async function writeOn(): Promise<void> {
    if (generationBlock(get()) !== null) return;
    const text = startText(get().start);
    const place: RunPlace = {
      get: () => get().start.writing,
      set: (writing) => patch('start', { writing }),
    };
    const problem = await beginGeneration(context, place, { ...form(text), steer: null });
    if (problem !== null) patch('start', { problem });
    await context.until(({ start }) => start.writing?.running !== true);
    const { writing } = get().start;
    if (writing === null || startText(get().start) !== text) return;
    const written = writing.lanes.baseline.map((token) => token.text).join('');
    patch('start', { text: text + written, writing: null });
    await read();
  }

  function form(prompt: string): GenerationForm {
    return { ...get().generate.form, prompt, maxTokens: WRITTEN };
  }

  return {
    /** The reading that ships with the page: there before anything else is. Without it Start waits for the model. */
    loadFirst: async () => {
      try {
        patch('start', { first: await env.readFirstReading() });
      } catch {
        // Nothing is lost but a second: a text is read live.
        patch('start', { isFirstMissing: true });
        if (get().shell.view === 'start') await read();
      }
    },
    /** A link came: its text is read, the feature that it turns up begins to write. */
    followLink: () => {
      if (get().shell.view !== 'start') return;
      void read();
      follow();
    },
    read,
    /** Somebody is about to type: what reads a text is made ready, or the first pause would wait for it. */
    warm: async () => {
      const { start } = get();
      const sae = selectedSae(get());
      if (sae === null || languageModel(get()) === null || start.reading !== null) return;
      const text = startText(start);
      await settle(api.explore.activeLatents({ saeIds: [sae.saeId], text, purpose: 'start' }));
    },
    setText,
    choose: (token: number) => patch('start', { token }),
    writeOn,
    stopWriting: () => jobs.cancel('generation'),
    turnUp,
    setStrength,
    /** All features of the text, on Explore. */
    exploreText: () => {
      patch('explore', {
        text: startText(get().start),
        filter: { ...get().explore.filter, inText: true },
        latentIndex: null,
      });
      patch('shell', { view: 'explore' });
    },
    trainOwn: o.trainShortest,
  };
}
