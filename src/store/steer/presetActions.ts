// Intents of own presets: a setup, prompt and sampling under a name, kept in this browser as a link.
import { visibleText } from '../../core/text/visibleText';
import { cutCharacters } from '../../core/text/cutCharacters';
import type { StoreContext } from '../context';
import { bugProblem } from '../problems';
import { MAX_PRESETS, readPresets } from './steerPresets';
import type { OwnPreset } from './steerState';

const PRESETS_KEY = 'steer-presets';
const MAX_PRESET_NAME = 80;

export function makePresetActions(context: StoreContext, open: (hash: string) => void) {
  const { env, get, patch } = context;

  async function storePresets(presets: readonly OwnPreset[]): Promise<void> {
    patch('steer', { presets, presetProblem: null });
    try {
      await env.writeStored(PRESETS_KEY, presets);
    } catch (cause) {
      patch('steer', {
        presetProblem: { ...bugProblem(cause), wayOut: 'It is kept until you close this page.' },
      });
    }
  }

  return {
    load: async () => {
      try {
        patch('steer', { presets: readPresets(await env.readStored(PRESETS_KEY)) });
      } catch (cause) {
        patch('steer', { presets: [], presetProblem: bugProblem(cause) });
      }
    },
    /** Opens a preset through its link. */
    open,
    save: (name: string, hash: string) => {
      const known = get().steer.presets ?? [];
      const id = `p-${env.randomSeed().toString(16)}`;
      const preset = {
        id,
        name: cutCharacters(visibleText(name.trim()), MAX_PRESET_NAME) || 'Unnamed',
        hash,
      };
      return storePresets([...known, preset].slice(-MAX_PRESETS));
    },
    rename: (id: string, name: string) =>
      storePresets(
        (get().steer.presets ?? []).map((preset) =>
          preset.id === id
            ? { ...preset, name: cutCharacters(visibleText(name), MAX_PRESET_NAME) }
            : preset,
        ),
      ),
    deletePreset: (id: string) =>
      storePresets((get().steer.presets ?? []).filter((preset) => preset.id !== id)),
  };
}
