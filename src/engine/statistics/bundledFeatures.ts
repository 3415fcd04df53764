// What the page ships about features of its own SAEs besides statistics: a guess for each, and of the first those that a
// person chose. Nothing for any other SAE.
import { once } from '../../core/once';
import type { ChosenFeature } from '../../core/statistics/chosenFeatures';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import { isTranscoderPoint } from '../../core/activations/hookPoint';
import type { FileSource } from '../../storage/demoFiles';
import type { SaeFacts } from '../sae/api';
import { demoFolder } from '../sae/saeEntries';
import type { LatentNote } from './api';

const CHOSEN_FILE = 'sae/chosen.json';

export type BundledFeatures = {
  /** null: of an SAE that does not ship */
  guesses: (sae: SaeFacts) => Promise<LabelGuess[] | null>;
  /** in the order of the choice; empty for an SAE that does not ship */
  chosen: (sae: SaeFacts) => Promise<ChosenFeature[]>;
  /** the chosen ones as notes: starred, with their labels */
  notes: (sae: SaeFacts) => Promise<LatentNote[]>;
};

/** Each file is fetched when first asked for; a failure is told and not kept. */
export function createBundledFeatures(demo: FileSource): BundledFeatures {
  // Our own files, written by bench/bakeDemo.ts and read by tests as they are here.
  const file = <T>(path: string) =>
    once(async () => {
      const [found] = await demo.fetchFiles([path], () => undefined);
      return JSON.parse((await found?.blob.text()) ?? '') as T;
    });
  const guesses = new Map<string, () => Promise<LabelGuess[]>>();
  const guessesIn = (folder: string) => {
    const known = guesses.get(folder) ?? file<LabelGuess[]>(`${folder}/guesses.json`);
    guesses.set(folder, known);
    return known();
  };
  const chosen = file<ChosenFeature[]>(CHOSEN_FILE);
  const chosenOf = async ({ origin, hookPoint }: SaeFacts) =>
    origin === 'demo' && !isTranscoderPoint(hookPoint) ? chosen() : [];
  return {
    guesses: async (sae) => (sae.origin === 'demo' ? guessesIn(demoFolder(sae)) : null),
    chosen: chosenOf,
    notes: async (sae) =>
      (await chosenOf(sae)).map(({ latentIndex, label, why }) => ({
        latentIndex,
        label,
        note: why,
        tags: [],
        isStarred: true,
      })),
  };
}
