// When dead latents of the L1 family are resampled (sae.md §2, Resampling): fields, bounds, and the steps
// that follow from them. resampling.ts says what happens at such a step.
import { whole } from '../bounds';
import { ConfigError } from '../errors';

export type ResampleFields = {
  /** steps between two resamplings of dead latents; 0: never. A fifth of the steps resamples at 20, 40
   *  and 60 % of them */
  resampleInterval: number;
  /** most resamplings, the first after one interval */
  resampleCount: number;
  /** inputs that the new directions are drawn from, no more than the activation ring holds */
  resampleInputs: number;
};

/** Most inputs of one resampling (Towards Monosemanticity, 2023). */
const MAX_INPUTS = 819_200;

export function resampleDefaults({ batchSize }: { batchSize: number }): ResampleFields {
  return {
    resampleInterval: 0,
    resampleCount: 3,
    resampleInputs: Math.min(MAX_INPUTS, 50 * batchSize),
  };
}

/** Throws ConfigError naming field, value and bound; also if rows of W_dec have no fixed norm, for which
 *  sae.md has no resampling. */
export function checkResampling(
  fields: ResampleFields,
  { hasUnitRows }: { hasUnitRows: boolean },
): void {
  whole('resampleInterval', fields.resampleInterval, 0, 1e9);
  whole('resampleCount', fields.resampleCount, 1, 1e6);
  whole('resampleInputs', fields.resampleInputs, 1, MAX_INPUTS);
  if (fields.resampleInterval === 0 || hasUnitRows) return;
  throw new ConfigError(
    `resampleInterval must be 0 where decoderNorm is free: ${fields.resampleInterval}; choose decoderNorm unit`,
    'resampleInterval',
  );
}

/** The last step at or before `step` after which latents were resampled; 0 before the first. Counted in steps
 *  done: before step s, s steps were done. */
export function lastResampling(config: object, step: number): number {
  const { resampleInterval: interval = 0, resampleCount: count = 0 } =
    config as Partial<ResampleFields>;
  if (interval === 0) return 0;
  return interval * Math.min(count, Math.floor(step / interval));
}

/** Whether latents are resampled once `stepsDone` of `steps` steps are done; never at the end. */
export function isResampling(config: object, stepsDone: number, steps: number): boolean {
  return stepsDone > 0 && stepsDone < steps && lastResampling(config, stepsDone) === stepsDone;
}
