// The calibration of an SAE run from the moments of its first activations (sae.md §1, §2).
import { ConfigError } from '../errors';
import type { Moments } from '../numeric/moments';
import type { Calibration } from './sae';

/** inputScale s = √d / mean‖saeIn‖, then mean and V of x = s·saeIn. Throws ConfigError if the rows
 *  have no spread or are not finite: no SAE can be trained on them. */
export function calibrationOf(moments: Moments): Calibration {
  const { count, mean, squares, normSum } = moments;
  const meanNorm = normSum / count;
  if (!(meanNorm > 0 && Number.isFinite(meanNorm))) {
    throw new ConfigError(
      `activations: mean norm ${meanNorm} over ${count} tokens; choose another hook point or model`,
      'hookPoint',
    );
  }
  const inputScale = Math.sqrt(mean.length) / meanNorm;
  const total = squares.reduce((sum, value) => sum + value, 0);
  const variance = (inputScale ** 2 * total) / count;
  if (!(variance > 0 && Number.isFinite(variance))) {
    throw new ConfigError(
      `activations: variance ${variance} over ${count} tokens; choose another hook point or text`,
      'hookPoint',
    );
  }
  return {
    tokens: count,
    inputScale,
    mean: Float32Array.from(mean, (x) => inputScale * x),
    variance,
  };
}

/** The same measurement in another unit, x = inputScale · saeIn. */
export function calibrationAt(measured: Calibration, inputScale: number): Calibration {
  const factor = inputScale / measured.inputScale;
  return {
    ...measured,
    inputScale,
    mean: measured.mean.map((value) => factor * value),
    variance: factor ** 2 * measured.variance,
  };
}

/** A transcoder's: how its input is scaled, and all else of what it rebuilds. */
export function transcoderCalibration(read: Calibration, written: Calibration): Calibration {
  return { ...written, inputScale: read.inputScale, outputScale: written.inputScale };
}

/** How what is rebuilt was scaled. */
export function outputScaleOf({ inputScale, outputScale }: Calibration): number {
  return outputScale ?? inputScale;
}
