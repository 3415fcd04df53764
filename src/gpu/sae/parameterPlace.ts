// Where a parameter lies on the GPU. Knows neither what it means nor who reads it.
import type { AveragedName } from '../../core/train/weightAverages';

/** `count` words of a buffer from word `first` on, in rows of `cols` padded to a stride. A parameter in several places
 *  lies in them one after the other. */
export type ParameterPlace = {
  name: AveragedName;
  buffer: GPUBuffer;
  first: number;
  count: number;
  cols: number;
};
