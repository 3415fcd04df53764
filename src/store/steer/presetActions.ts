// Intents of own presets: a setup, prompt and sampling under a name, kept in this browser as a link.
import { visibleText } from '../../core/text/visibleText';
import { cutCharacters } from '../../core/text/cutCharacters';
import type { OwnPreset } from '../../core/steer/ownPreset';
import type { StoreContext } from '../context';
import { bugProblem } from '../problems';
import { MAX_PRESETS, readPresets, withPresets } from './steerPresets';

const PRESETS_KEY = 'steer-presets';
const MAX_PRESET_NAME = 80;

export function makePresetActions(context: StoreContext, open: (hash: string) => void) {
  const { env, get, patch } = context;

  type Presets = readonly OwnPreset[];

  /** Shown at once. Stored, it is a change of what is there by then: another tab may have added some. */
  async function change(make: (presets: Presets) => Presets): Promise<void> {
    patch('steer', { presets: make(get().steer.presets ?? []), presetProblem: null });
    try {
      let stored: Presets = [];
      await env.changeStored(PRESETS_KEY, (known) => {
        stored = make(readPresets(known));
        return withPresets(known, stored);
      });
      patch('steer', { presets: stored });
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
      const id = `p-${env.randomSeed().toString(16)}`;
      const preset = {
        id,
        name: cutCharacters(visibleText(name.trim()), MAX_PRESET_NAME) || 'Unnamed',
        hash,
      };
      return change((known) => [...known, preset].slice(-MAX_PRESETS));
    },
    rename: (id: string, name: string) =>
      change((known) =>
        known.map((preset) =>
          preset.id === id
            ? { ...preset, name: cutCharacters(visibleText(name), MAX_PRESET_NAME) }
            : preset,
        ),
      ),
    deletePreset: (id: string) => change((known) => known.filter((preset) => preset.id !== id)),
  };
}
