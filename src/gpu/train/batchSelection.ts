// The ⌊k·B⌋ largest positive pre-activations of a batch, exactly, ties by flat index, as a code by row
// (sae.md §4). With several row chunks, each keeps its own best ones while its pre-activations exist, and a
// second selection chooses among those: a winner of the batch also wins in its chunk. Knows no decoder.
import { makeCodeLayout, type CodeLayout } from '../sae/batchCode';
import type { BufferSet } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { packUniform } from '../device/uniformStruct';
import { cutRows, type ForwardPlan, type RowChunk } from '../sae/forwardPlan';
import { prepareBatchCount } from '../kernels/batchCount';
import { prepareBatchEmit } from '../kernels/batchEmit';
import { BATCH_BINS, prepareBatchHistogram, type BatchSource } from '../kernels/batchHistogram';
import { prepareBatchOffsets } from '../kernels/batchOffsets';
import { BATCH_STATE_WORDS, prepareBatchPick } from '../kernels/batchPick';
import { BATCH_CHUNK } from '../kernels/chunks';

const DIGITS = [0, 1, 2] as const;

function batchChunk({ rows, firstRow }: RowChunk): Uint32Array {
  return packUniform(BATCH_CHUNK, { rows, first_row: firstRow });
}

export type BatchSelection = {
  /** layout's parts: offsets [rows + 1], latents (EMPTY_SLOT where unused), acts, gradient rows */
  code: GPUBuffer;
  layout: CodeLayout;
  /** BATCH_STATE_WORDS words */
  state: GPUBuffer;
  /** After the chunk's encode, while its pre-activations exist. */
  selectChunk: (chunk: RowChunk, index: number) => Dispatch[];
  /** After all chunks. */
  finish: () => Dispatch[];
};

export type SelectionOptions = {
  forward: {
    plan: ForwardPlan;
    buffers: { preActs: GPUBuffer; groupMax: GPUBuffer };
  };
  kept: number;
  /** levelsUniform */
  levels: GPUBuffer;
};

export async function createBatchSelection(
  context: GpuContext,
  set: BufferSet,
  o: SelectionOptions,
): Promise<BatchSelection> {
  const { plan } = o.forward;
  const isWhole = plan.chunks.length === 1;
  const layout = makeCodeLayout(plan.rows, o.kept);
  const ofChunk = isWhole ? layout : makeCodeLayout(plan.chunkRows, o.kept);
  const [rowKernels, listKernels] = await Promise.all([
    prepareSelect(context, o, { from: 'rows', list: layout, code: ofChunk }),
    isWhole ? null : prepareSelect(context, o, { from: 'list', list: ofChunk, code: layout }),
  ]);
  const shared = {
    bins: set.storage('batch bins', 4 * BATCH_BINS),
    state: set.storage('batch state', 4 * BATCH_STATE_WORDS),
    rowCounts: set.storage('batch row counts', 8 * plan.rows),
    levels: o.levels,
  };
  const code = set.storage('batch code', 4 * layout.words);
  const chunkCodes = cutRows(plan.rows, plan.chunkRows).map((chunk, i) => ({
    chunk,
    code: isWhole ? code : set.storage(`batch code ${i}`, 4 * ofChunk.words),
    uniform: set.uniform(`batch chunk ${i}`, batchChunk(chunk)),
  }));
  const allRows = set.uniform('batch rows', batchChunk({ rows: plan.rows, firstRow: 0 }));
  const { preActs, groupMax } = o.forward.buffers;
  return {
    code,
    layout,
    state: shared.state,
    selectChunk: (_, index) => {
      const own = chunkCodes[index]!;
      const source = { ...own, elements: preActs, guide: groupMax };
      return bindSelect(rowKernels, shared, {
        sources: [source],
        code: own.code,
        rows: own.uniform,
      });
    },
    finish: () => {
      if (listKernels === null) return [];
      const sources = chunkCodes.map((own) => ({
        ...own,
        elements: own.code,
        guide: own.code,
      }));
      return bindSelect(listKernels, shared, { sources, code, rows: allRows });
    },
  };
}

type SelectKernels = Awaited<ReturnType<typeof prepareSelect>>;

/** from 'rows': out of preActs, guided by groupMax; 'list': out of codes of the layout `list`. */
async function prepareSelect(
  context: GpuContext,
  o: SelectionOptions,
  { from, list, code }: { from: 'rows' | 'list'; list: CodeLayout; code: CodeLayout },
) {
  const { plan } = o.forward;
  const { kept } = o;
  const grid = { n_stride: plan.nStride, group_width: plan.groupWidth };
  const histogram = (digit: number, source: BatchSource = from) =>
    prepareBatchHistogram(context, source, {
      digit,
      n: source === 'groups' ? plan.groups : plan.d_sae,
      ...(source === 'groups' ? { ...grid, n_stride: plan.groups } : grid),
      acts_at: list.actsAt,
    });
  const [histograms, picks, count, offsets, emit, groups, floor] = await Promise.all([
    Promise.all(DIGITS.map((digit) => histogram(digit))),
    Promise.all(DIGITS.map((digit) => prepareBatchPick(context, { digit, kept }))),
    prepareBatchCount(context, from, { ...grid, acts_at: list.actsAt }),
    prepareBatchOffsets(context, { kept, indices_at: code.indicesAt }),
    prepareBatchEmit(context, from, {
      batch_rows: plan.rows,
      ...grid,
      list_indices_at: list.indicesAt,
      list_acts_at: list.actsAt,
      indices_at: code.indicesAt,
      acts_at: code.actsAt,
      rows_at: code.rowsAt,
    }),
    from === 'rows' ? histogram(0, 'groups') : null,
    from === 'rows' ? prepareBatchPick(context, { digit: 'floor', kept }) : null,
  ]);
  return { histograms, picks, count, offsets, emit, groups, floor };
}

type SharedBuffers = Record<'bins' | 'state' | 'rowCounts' | 'levels', GPUBuffer>;
type Source = {
  chunk: RowChunk;
  uniform: GPUBuffer;
  elements: GPUBuffer;
  guide: GPUBuffer;
};

function bindSelect(
  kernels: SelectKernels,
  { bins, state, rowCounts, levels }: SharedBuffers,
  o: { sources: readonly Source[]; code: GPUBuffer; rows: GPUBuffer },
): Dispatch[] {
  const { code } = o;
  const perSource = (bind: (source: Source) => Dispatch) => o.sources.map(bind);
  const digits = DIGITS.flatMap((digit) => [
    ...perSource(({ chunk, uniform, elements, guide }) => {
      const bound = kernels.histograms[digit]!.bind({
        elements,
        guide,
        state,
        bins,
        chunk: uniform,
      });
      return bound.dispatch({ rows: chunk.rows });
    }),
    kernels.picks[digit]!.bind({ bins, state }).dispatch(),
  ]);
  const counts = perSource(({ chunk, uniform, elements, guide }) => {
    const bound = kernels.count.bind({ elements, guide, state, rowCounts, chunk: uniform });
    return bound.dispatch({ rows: chunk.rows });
  });
  const offsets = kernels.offsets.bind({ rowCounts, state, code, chunk: o.rows });
  return [
    ...bindFloor(kernels, { bins, state }, o.sources),
    ...digits,
    ...counts,
    offsets.dispatch(),
    ...perSource(({ chunk, uniform, elements, guide }) => {
      const bound = kernels.emit.bind({
        elements,
        guide,
        rowCounts,
        state,
        code,
        levels,
        chunk: uniform,
      });
      return bound.dispatch({ rows: chunk.rows });
    }),
  ];
}

function bindFloor(
  { groups, floor }: SelectKernels,
  { bins, state }: Pick<SharedBuffers, 'bins' | 'state'>,
  sources: readonly Source[],
): Dispatch[] {
  if (groups === null || floor === null) return [];
  const counted = sources.map(({ chunk, uniform, guide }) => {
    const bound = groups.bind({ elements: guide, guide, state, bins, chunk: uniform });
    return bound.dispatch({ rows: chunk.rows });
  });
  return [...counted, floor.bind({ bins, state }).dispatch()];
}
