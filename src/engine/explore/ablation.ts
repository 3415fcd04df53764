// The edits of an ablation: h' = h − f_i · d̂ on chosen rows of one lane where the SAE writes, f_i encoded where it
// reads, which for an SAE is that very h:
// steering's `add`, with a strength of its own per row. A real rerun carries it through the layers above;
// the effect on predictions is computed in core/explore/ablationEffect.ts.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import { writePoint, type HookPoint } from '../../core/activations/hookPoint';
import { steerRowsReference } from '../../core/reference/steerRows';
import { decoderRow } from '../../core/sae/latentWeights';
import type { EditSlot } from '../../core/steer/steerEdit';
import { createRowSteerer } from '../../gpu/steer/rowSteerer';
import type { Edit } from '../../model/modelTypes';
import { latentColumn, type LatentEncoder } from './latentEncoder';

export type Ablation = {
  /** in their order */
  edits: readonly Edit[];
  /** the latent's activation on each row of the lane before the edit, available after it ran */
  acts: () => Float32Array;
  dispose: () => void;
};

/** rows: the lane's rows of the residual that the edit meets; edited: indices into them, each once. */
export async function createAblation(o: {
  hook: HookPoint;
  encoder: LatentEncoder;
  latentIndex: number;
  rows: Uint32Array;
  edited: Uint32Array;
}): Promise<Ablation> {
  const { encoder, latentIndex, rows, edited } = o;
  const { context } = encoder;
  const slots = [directionSlot(encoder, latentIndex)];
  const steerer =
    context === null ? null : await createRowSteerer(context, { slots, clip: null, maxRows: 1 });
  let acts: Float32Array = new Float32Array(rows.length);
  const read: Edit = {
    hook: o.hook,
    async apply(x) {
      acts = latentColumn(await encoder.encode(x, rows), rows.length, latentIndex);
      return x;
    },
  };
  const write: Edit = {
    hook: writePoint(o.hook),
    apply(x) {
      const firing = edited.filter((i) => elementAt(acts, i) > 0);
      const changes = Array.from(firing, (i) => ({
        rows: Uint32Array.of(elementAt(rows, i)),
        values: [-elementAt(acts, i)],
      }));
      if (x.where === 'cpu') {
        const data = x.data.slice();
        for (const change of changes) {
          steerRowsReference({ x: data, slots, clip: null, ...change });
        }
        return { ...x, data };
      }
      invariant(steerer !== null, 'an edit made for the CPU met a GPU residual');
      for (const change of changes) steerer.run(x, change.rows, change.values).drop();
      return x;
    },
  };
  return {
    edits: [read, write],
    acts: () => acts,
    dispose: () => steerer?.dispose(),
  };
}

/** The latent's direction as a vector: f is known, so the SAE is not read again. */
function directionSlot({ params }: LatentEncoder, latentIndex: number): EditSlot {
  const direction = decoderRow(params, latentIndex);
  return { mode: 'add', isNorm: false, scale: 1, direction, latent: null };
}
