// Watches one run while somebody looks: at most every two seconds it keeps the sparse code of the step just
// enqueued. The copy is queued behind the step and read later, so that training never waits for it.
import type { LatentSample } from '../../core/train/liveLatents';
import type { RingText } from '../../core/text/ringText';
import type { SaeTrainer } from '../../gpu/train/saeTrainer';

/** Milliseconds between two samples (interface.md 2.2, Live latents). */
const SAMPLE_INTERVAL = 2000;
/** A page that has not asked for so long (ms) is not looking. */
const WATCH_TIME = 10_000;
/** Samples kept: of the last quarter of a minute. */
const SAMPLES = 8;

export type LatentSampler = {
  /** Somebody looks at the run now. */
  watch: () => void;
  isDue: () => boolean;
  /** Called behind the step that made `step` steps done; rows: ring rows of its batch. */
  take: (o: SampledStep) => void;
  /** oldest first */
  samples: () => readonly LatentSample[];
  /** what the newest sample came from; null before the first */
  source: () => SampleSource | null;
};

export type SampleSource = { inputScale: number; latents: TrainedLatents };

type TrainedLatents = NonNullable<SaeTrainer['latents']>;
type SampledStep = {
  step: number;
  rows: Uint32Array;
  text: RingText | null;
  inputScale: number;
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
    take: ({ step, rows, text, inputScale, latents }) => {
      takenAt = now();
      source = { inputScale, latents };
      latents.readCode().then(
        (arrived) => {
          samples = [...samples, { step, code: arrived, rows, text }].slice(-SAMPLES);
        },
        // A lost device: the run itself hears of it and says so.
        () => undefined,
      );
    },
    samples: () => samples,
    source: () => source,
  };
}
