// What is kept of the activations of runs. Types only.
import type { Outcome } from '../shared/api';

/** Activations of earlier runs in this browser, for runs that read the same again. */
export type KeptActivationFacts = {
  /** whether runs keep theirs */
  isOn: boolean;
  byteLength: number;
  /** counted tokens */
  tokens: number;
  /** most bytes that are kept in all; the oldest go first */
  room: number;
};

/** kept: null where nothing can be kept */
export type ActivationsEvent = { kind: 'keptActivations'; kept: KeptActivationFacts | null };

export type ActivationsApi = {
  /** Whether runs keep theirs from now on; what is kept stays. */
  setKeeping: (isOn: boolean) => Promise<Outcome<null>>;
  /** Deletes all of them; runs read the model again. */
  forget: () => Promise<Outcome<null>>;
};
