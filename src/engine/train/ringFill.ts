// Fills the rings of a run with a block of its activations, and measures them on the way: the scale by the first rows of all,
// what depends on it by every row of the block. Knows no step and no trainer.
import { elementAt } from '../../core/elementAt';
import type { Matrix } from '../../core/handles';
import { calibrationAt } from '../../core/sae/calibration';
import type { Calibration } from '../../core/sae/sae';
import type { ActivationRing } from '../../core/train/activationRing';
import type { RingBlock } from '../../core/train/ringBlocks';
import type { ActivationFeed, BlockRows } from '../activations/activationFeed';

type FillRequest = {
  feed: ActivationFeed;
  rings: readonly ActivationRing[];
  block: RingBlock;
  /** of each ring; null: measured now */
  scales: readonly number[] | null;
  /** at most so many rows are measured; 0: none */
  measured: number;
};

/** goOn: called after every pass with the rows so far; false ends it, and null is returned. Otherwise what was measured of
 *  each ring, at its scale, now or when it was kept; nothing if nothing was to be. */
export async function fillRings(
  o: FillRequest,
  goOn: (rows: number) => Promise<boolean>,
): Promise<Calibration[] | null> {
  const { feed, rings, block, measured } = o;
  const held = await heldBlock(o);
  let scales = o.scales ?? held?.map(({ scale }) => scale) ?? null;
  const toMeasure = held === null ? measured : 0;
  const take = async ({ activations, rows, firstRow, isScaled }: BlockRows) => {
    if (rows.length === 0) return goOn(firstRow);
    scales ??= await measureScales(rings, activations, rows);
    const wanted = rows.subarray(0, Math.max(0, toMeasure - firstRow));
    for (const [i, ring] of rings.entries()) {
      const x = elementAt(activations, i);
      if (wanted.length > 0) await ring.measure(x, wanted);
      await ring.append(x, rows, isScaled ? 1 : elementAt(scales, i), firstRow);
    }
    return goOn(firstRow + rows.length);
  };
  if (!(await feed.readBlock(block, take, held)) || scales === null) return null;
  if (held !== null) return held.flatMap(({ calibration }) => calibration ?? []);
  const found = measured === 0 ? [] : await Promise.all(rings.map((ring) => ring.finish()));
  const known = scales;
  const calibrations = found.map((one, i) => calibrationAt(one, elementAt(known, i)));
  await feed.keep?.(block, rings, { scales, calibrations });
  return calibrations;
}

/** What is kept of the block, where nothing of it is to be measured that was not. */
async function heldBlock({ feed, block, scales, measured }: FillRequest) {
  const held = (await feed.held?.(block, scales)) ?? null;
  const isMeasured = held?.every(({ calibration }) => calibration !== null) === true;
  return measured === 0 || isMeasured ? held : null;
}

async function measureScales(
  rings: readonly ActivationRing[],
  activations: readonly Matrix[],
  rows: Uint32Array,
): Promise<number[]> {
  const scales: number[] = [];
  for (const [i, ring] of rings.entries()) {
    await ring.measure(elementAt(activations, i), rows);
    scales.push((await ring.finish()).inputScale);
  }
  return scales;
}
