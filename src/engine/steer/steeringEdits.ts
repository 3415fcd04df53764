// The slots of a request as edits of the running model, one for each hook point: a kernel between two graph
// segments, or its twin if the model runs on the CPU. It receives the values before each step and measures
// after it.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import { steerRowsReference, type RowReadout } from '../../core/reference/steerRows';
import type { EditReadout, SlotReadout } from '../../core/steer/steeringReport';
import type { GpuContext } from '../../gpu/device/device';
import { createRowSteerer, type RowSteerer, type StagedRows } from '../../gpu/steer/rowSteerer';
import type { Edit, EditPlace } from '../../model/modelTypes';
import type { SlotValuesInForce, StepReadout } from '../generate/textEdits';
import { groupByHook, type ResolvedSlot } from './steerTargets';

type SteeringStep = {
  lane: number;
  /** of the positions of this step: whether they are steered */
  steered: readonly boolean[];
  /** per slot of the request, null: off; called once, at the first edit of the step */
  values: () => SlotValuesInForce;
};

export type SteeringEdits = {
  edits: Edit[];
  /** Before each step of the model. */
  prepare: (step: SteeringStep) => void;
  /** the step's values; a step without edits reads them now */
  values: () => SlotValuesInForce;
  /** After it, once. */
  read: () => Promise<StepReadout>;
  dispose: () => void;
};

type HookEdit = {
  hook: HookPoint;
  /** places of its slots in the request */
  indices: readonly number[];
  edit: Edit;
  /** rows of the last step, in order; empty if no slot was on */
  read: () => Promise<RowReadout[]>;
  dispose: () => void;
};

/** A step as its edits see it. */
type CurrentStep = SteeringStep & { inForce: SlotValuesInForce | null };

function valuesOf(step: CurrentStep): SlotValuesInForce {
  step.inForce ??= step.values();
  return step.inForce;
}

/** @param o.maxRows most positions of one step
 *  @param o.context null: the model runs on the CPU
 *  @param o.breathe processes messages; on the CPU none arrives while a graph segment runs */
export async function createSteeringEdits(o: {
  slots: readonly ResolvedSlot[];
  clip: number | null;
  maxRows: number;
  context: GpuContext | null;
  breathe: () => Promise<void>;
}): Promise<SteeringEdits> {
  const current: { step: CurrentStep | null } = { step: null };
  const hooks: HookEdit[] = [];
  const dispose = () => {
    for (const part of hooks) part.dispose();
  };
  try {
    for (const [hook, indices] of groupByHook(o.slots)) {
      hooks.push(await createHookEdit({ ...o, hook, indices, current }));
    }
  } catch (cause) {
    dispose();
    throw cause;
  }
  return {
    edits: hooks.map(({ edit }) => edit),
    prepare: (step) => {
      current.step = { ...step, inForce: null };
    },
    values: () => {
      invariant(current.step !== null, 'values are asked after prepare');
      return valuesOf(current.step);
    },
    read: async () => {
      const isLastSteered = current.step?.steered.at(-1) === true;
      const slots: SlotReadout[] = o.slots.map(() => ({ before: null, achieved: null }));
      const edits: EditReadout[] = [];
      for (const { hook, indices, read } of hooks) {
        const rows = await read();
        const last = isLastSteered ? rows.at(-1) : undefined;
        edits.push(summarise(hook, rows, last));
        indices.forEach((index, own) => {
          // What is edited is not what a transcoder reads.
          const isElsewhere = (elementAt(o.slots, index).sae?.readAt ?? null) !== null;
          if (last === undefined || isElsewhere) return;
          const [before, achieved] = [elementAt(last.before, own), elementAt(last.achieved, own)];
          slots[index] = { before, achieved };
        });
      }
      return { edits, slots };
    },
    dispose,
  };
}

function summarise(
  hook: HookPoint,
  rows: readonly RowReadout[],
  last: RowReadout | undefined,
): EditReadout {
  return {
    hook,
    relativeNorm: last === undefined ? 0 : relative(last),
    norm: last?.deltaNorm ?? 0,
    meanRelativeNorm: rows.reduce((sum, row) => sum + relative(row), 0) / Math.max(1, rows.length),
    editedRows: rows.length,
    clippedRows: rows.filter(({ isClipped }) => isClipped).length,
  };
}

function relative({ norm, deltaNorm }: RowReadout): number {
  return norm === 0 ? 0 : deltaNorm / norm;
}

async function createHookEdit(o: {
  hook: HookPoint;
  indices: readonly number[];
  slots: readonly ResolvedSlot[];
  clip: number | null;
  maxRows: number;
  context: GpuContext | null;
  breathe: () => Promise<void>;
  current: { readonly step: CurrentStep | null };
}): Promise<HookEdit> {
  const { clip, maxRows, context, indices } = o;
  const slots = indices.map((index) => elementAt(o.slots, index).edit);
  const steerer: RowSteerer | null =
    context === null ? null : await createRowSteerer(context, { slots, clip, maxRows });
  let staged: StagedRows | null = null;
  let measured: RowReadout[] = [];
  const apply = async (x: Matrix, place: EditPlace): Promise<Matrix> => {
    const { step } = o.current;
    invariant(step !== null, 'a steering edit runs after prepare');
    staged?.drop();
    staged = null;
    measured = [];
    const rows = steeredRows(step, place);
    if (rows.length === 0) return x;
    // A slider moved while the layers below ran still affects this token.
    if (x.where === 'cpu' && step.inForce === null) await o.breathe();
    const inForce = valuesOf(step);
    const values = indices.map((index) => elementAt(inForce, index));
    if (values.every((value) => value === null)) return x;
    if (x.where === 'cpu') {
      const data = x.data.slice();
      measured = steerRowsReference({ x: data, rows, slots, values, clip });
      return { ...x, data };
    }
    invariant(steerer !== null, 'an edit made for the CPU met a GPU residual');
    staged = steerer.run(x, rows, values);
    return x;
  };
  return {
    hook: o.hook,
    indices,
    edit: { hook: o.hook, apply },
    read: async () => {
      const mine = staged;
      staged = null;
      return mine === null ? measured : mine.read();
    },
    dispose: () => {
      staged?.drop();
      steerer?.dispose();
    },
  };
}

function steeredRows({ lane, steered }: SteeringStep, { length }: EditPlace): Uint32Array {
  const rows: number[] = [];
  for (let i = 0; i < length; i++) if (elementAt(steered, i)) rows.push(lane * length + i);
  return Uint32Array.from(rows);
}
