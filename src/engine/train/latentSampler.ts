// Samples one run while the page watches it: at most every two seconds it keeps the sparse code of the step
// just enqueued. The copy is queued after the step and read later, so that training never waits for it.
import type { LatentSample } from '../../core/train/liveLatents';
import type { RingText } from '../../core/text/ringText';
import type { TrainedLatents } from '../../core/train/saeTrainer';

/** Milliseconds between two samples (interface.md 2.2, Live latents). */
const SAMPLE_INTERVAL = 2000;
/** After this time (ms) without a request the page counts as not watching. */
const WATCH_TIME = 10_000;
/** Number of samples kept: about 15 s. */
const SAMPLES = 8;

export type LatentSampler = {
  /** Called when the page watches the run. */
  watch: () => void;
  isDue: () => boolean;
  /** Called after enqueueing the step after which `step` steps are done; rows: ring rows of its batch. */
  take: (o: SampledStep) => void;
  /** oldest first */
  samples: () => readonly LatentSample[];
  /** what the newest sample came from; null before the first */
  source: () => SampleSource | null;
};

type SampleSource = { scale: number; latents: TrainedLatents };

type SampledStep = {
  step: number;
  rows: Uint32Array;
  text: RingText | null;
  scale: number;
  latents: TrainedLatents;
};

/** now: milliseconds, monotonic. */
export function createLatentSampler(now: () => number): LatentSampler {
  let watchedUntil = -Infinity;
  let takenAt = -Infinity;
  let samples: LatentSample[] = [];
  let source: SampleSource | null = null;
  return {
    watch: () => {
      watchedUntil = now() + WATCH_TIME;
    },
    isDue: () => now() < watchedUntil && now() - takenAt >= SAMPLE_INTERVAL,
    take: ({ step, rows, text, scale, latents }) => {
      takenAt = now();
      source = { scale, latents };
      latents.readCode().then(
        (arrived) => {
          samples = [...samples, { step, code: arrived, rows, text }].slice(-SAMPLES);
        },
        // A lost device: the run itself reports it.
        () => undefined,
      );
    },
    samples: () => samples,
    source: () => source,
  };
}
