// Intents of the tools beside the stream: dose and response, features of any text, vectors, own presets.
import { parseShareState } from '../../core/share/shareState';
import type { VectorSource } from '../../engine/steer/api';
import type { StoreContext } from '../context';
import { beginGeneration } from '../generate/generation';
import { bugProblem, settle } from '../problems';
import { applyShare } from '../share/shareSync';
import { readPresets } from './steerPresets';
import type { OwnPreset } from './steerFacts';
import { steerRequest } from './steerRequest';
import { dashboardOf } from './steerSelectors';
import type { GenerationRun } from '../generate/textFacts';

const PRESETS_KEY = 'steer-presets';
const MAX_PRESETS = 200;
const MAX_PRESET_NAME = 80;
/** Tokens whose log-probability a dose follows when none are named. */
const WATCHED = 3;

export function makeSteerToolActions(context: StoreContext, afterLink: () => void) {
  const { api, env, get, patch, jobs } = context;

  /** The words typed, first token each; else what the feature promotes most. */
  async function watchedTokens(slotId: string, words: string) {
    const typed = words.split(/\s+/).filter((word) => word !== '');
    if (typed.length > 0) {
      const views = await Promise.all(typed.map((word) => api.model.tokenize(` ${word}`)));
      return views.flatMap((tokens) => tokens.find(({ isSpecial }) => !isSpecial) ?? []);
    }
    const slot = get().steer.setup.slots.find(({ id }) => id === slotId);
    const dashboard = slot === undefined ? null : dashboardOf(get(), slot.target);
    return dashboard?.topLogits.slice(0, WATCHED) ?? [];
  }

  async function runDose(
    slotId: string,
    words: string,
    o: { withSurprise: boolean },
  ): Promise<void> {
    const first = { slotId, running: true, done: 0, total: 0, points: [], response: null };
    patch('steer', { dose: { ...first, watched: [], problem: null } });
    const change = (fields: object) => {
      const { dose } = get().steer;
      if (dose?.slotId === slotId) patch('steer', { dose: { ...dose, ...fields } });
    };
    try {
      const watched = await watchedTokens(slotId, words);
      change({ watched: watched.map(({ text }) => text) });
      const outcome = await jobs.run('dose', (jobId) =>
        settle(
          api.steer.measureDose(
            {
              generation: steerRequest(get()),
              slotId,
              ...o,
              watched: watched.map(({ tokenId }) => tokenId),
            },
            jobId,
          ),
        ),
      );
      if (outcome.ok)
        change({ running: false, response: outcome.value, points: outcome.value.points });
      else {
        const isCancelled = outcome.problem.kind === 'cancelled';
        change({ running: false, problem: isCancelled ? null : outcome.problem });
      }
    } catch (cause) {
      change({ running: false, problem: bugProblem(cause) });
    }
  }

  async function storePresets(presets: readonly OwnPreset[]): Promise<void> {
    patch('steer', { presets, presetProblem: null });
    try {
      await env.writeStored(PRESETS_KEY, presets);
    } catch (cause) {
      patch('steer', {
        presetProblem: { ...bugProblem(cause), wayOut: 'It is kept until you leave.' },
      });
    }
  }

  return {
    runDose,
    cancelDose: () => jobs.cancel('dose'),
    closeDose: () => patch('steer', { dose: null }),

    setReadingText: (text: string) => patch('steer', { reading: { ...get().steer.reading, text } }),
    /** The strongest features of every token of a text, of every SAE that fits; nothing is changed. */
    readFeatures: async () => {
      const { reading } = get().steer;
      const model = get().model.facts;
      const saes = (get().saes.list ?? []).filter((sae) => sae.d_in === model?.n_embd).slice(0, 8);
      if (saes.length === 0) return;
      const slots = saes.map(({ saeId }, i) => ({
        id: `read-${i}`,
        target: { kind: 'latent' as const, saeId, latentIndex: 0 },
        hook: null,
        mode: 'add' as const,
        unit: 'raw' as const,
        value: 0,
        isMuted: true,
        isSolo: false,
      }));
      const place = {
        get: () => get().steer.reading.run,
        set: (run: GenerationRun) => patch('steer', { reading: { ...get().steer.reading, run } }),
      };
      await beginGeneration(context, place, {
        prompt: reading.text,
        maxTokens: 1,
        temperature: 0,
        topK: 0,
        seed: 0,
        steer: {
          slots,
          mask: { kind: 'classes', classes: [] },
          clip: null,
          automation: null,
          lanes: 'steered',
          streamLatents: 16,
        },
      });
    },

    refreshVectors: async () => {
      try {
        patch('steer', { vectors: await api.steer.listVectors() });
      } catch (cause) {
        patch('steer', { vectorProblem: bugProblem(cause) });
      }
    },
    makeVector: async (source: VectorSource) => {
      patch('steer', { vectorBusy: true, vectorProblem: null });
      const outcome = await settle(api.steer.makeVector(source));
      patch('steer', { vectorBusy: false, vectorProblem: outcome.ok ? null : outcome.problem });
      if (!outcome.ok) return null;
      patch('steer', { vectors: await api.steer.listVectors() });
      return outcome.value;
    },
    deleteVector: async (vectorId: string) => {
      try {
        await api.steer.deleteVector(vectorId);
        patch('steer', { vectors: await api.steer.listVectors() });
      } catch (cause) {
        patch('steer', { vectorProblem: bugProblem(cause) });
      }
    },

    loadPresets: async () => {
      try {
        patch('steer', { presets: readPresets(await env.readStored(PRESETS_KEY)) });
      } catch (cause) {
        patch('steer', { presets: [], presetProblem: bugProblem(cause) });
      }
    },
    /** Opens a preset as its link would. */
    openPreset: (hash: string) => {
      context.set(applyShare(get(), parseShareState(hash)));
      patch('steer', { run: null, replayed: null, dose: null });
      afterLink();
    },
    savePreset: (name: string, hash: string) => {
      const known = get().steer.presets ?? [];
      const id = `p-${env.randomSeed().toString(16)}`;
      const preset = { id, name: name.trim().slice(0, MAX_PRESET_NAME) || 'Unnamed', hash };
      return storePresets([...known, preset].slice(-MAX_PRESETS));
    },
    renamePreset: (id: string, name: string) =>
      storePresets(
        (get().steer.presets ?? []).map((preset) =>
          preset.id === id ? { ...preset, name: name.slice(0, MAX_PRESET_NAME) } : preset,
        ),
      ),
    deletePreset: (id: string) =>
      storePresets((get().steer.presets ?? []).filter((preset) => preset.id !== id)),
  };
}
