// The rows of a step, from the ring into the arena.
import type { SaeConfig } from '../../core/sae/sae';
import type { CpuRing } from './cpuRing';

/** xc [rows, d]: x − b_dec where the SAE centres its input; otherwise x, and target [rows, d] = y − b_dec of what
 *  is rebuilt, which is x except for a transcoder. */
export function gatherRows(
  { xc, target }: { xc: Float32Array; target: Float32Array },
  { ring, targets }: { ring: CpuRing; targets: CpuRing },
  rowIndices: Uint32Array,
  o: { d: number; config: SaeConfig; b_dec: Float32Array },
): void {
  const { d, config, b_dec } = o;
  const { d_in, applyBDecToInput } = config;
  const centred = applyBDecToInput ? xc : target;
  for (const [at, row] of rowIndices.entries()) {
    ring.copyRow(row, xc, at * d);
    if (centred !== xc) targets.copyRow(row, target, at * d);
    for (let i = at * d, j = 0; j < d_in; i++, j++) centred[i]! -= b_dec[j]!;
  }
}
