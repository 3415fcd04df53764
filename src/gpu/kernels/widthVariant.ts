// How kernels that keep a whole row of columns in registers are cut: lanes × vec4 of columns per lane.
import { ConfigError } from '../../core/errors';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';

type WidthVariant = `${number}x${number}`;

function variant(lanes: number, perLane: number) {
  const name: WidthVariant = `${lanes}x${perLane}`;
  return { name, lanes, perLane };
}

/** Ascending capacity, software's 8 lanes apart. */
const WIDTHS = [
  ...[1, 2, 4, 8].map((perLane) => variant(64, perLane)),
  variant(256, 4),
  ...[2, 4, 8, 16, 32, 64, 128].map((perLane) => variant(8, perLane)),
];
const MAX_D_IN = 4096;

export const WIDTH_VARIANTS = Object.fromEntries(
  WIDTHS.map(({ name, lanes, perLane }) => [name, { LANES: lanes, PER_LANE: perLane }]),
) as Record<WidthVariant, Record<'LANES' | 'PER_LANE', number>>;

/** The narrowest variant whose registers hold a row. Throws ConfigError for a wider row. */
export function chooseWidth(context: GpuContext, d4: number): WidthVariant {
  const fitting = WIDTHS.find(
    ({ lanes, perLane }) => lanes * perLane >= d4 && (lanes === 8) === context.isSoftware,
  );
  if (fitting === undefined) {
    throw new ConfigError(`d_in must be at most ${MAX_D_IN} for training: ${d4 * 4}`, 'd_in');
  }
  return fitting.name;
}

/** Where entries and sums of blocks lie in csc (parts/list_blocks.wgsl). */
export function blockOverrides({ entriesAt, blockEntries, blocksAt }: TrainerPlan) {
  return { entries_at: entriesAt, block_entries: blockEntries, blocks_at: blocksAt };
}
