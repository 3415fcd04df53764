// The strongest latents of each token of the lanes that are shown, as the model reads it, after the edits of
// its hook point. Does not affect the text.
import { elementAt } from '../../core/elementAt';
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../core/sae/sae';
import type { LaneName, LatentAct, TokenLatents } from '../../core/steer/steeringReport';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { GpuContext } from '../../gpu/device/device';
import { createLatentStream } from '../../gpu/sae/latentStream';
import type { Watcher } from '../../model/modelTypes';

export type FeatureStream = {
  watchers: Watcher[];
  /** Results of the last step, to be read once: the shown latents, and the activation of each wanted one
   *  at the last position of a lane. */
  read: () => Promise<StreamedStep>;
  dispose: () => void;
};

export type StreamedStep = {
  tokens: TokenLatents[];
  /** f of a latent at the last position of the lane; null: that SAE is not streamed */
  actOf: (lane: LaneName, saeId: string, hook: HookPoint, latentIndex: number) => number | null;
};

export type StreamedSae = { saeId: string; params: SaeParams; hook: HookPoint };

/** @param o.lanes shown lanes, in the order of the batch
 *  @param o.count latents reported per token
 *  @param o.context null: the model runs on the CPU
 *  @param o.backend reads what such a model hands over */
export async function createFeatureStream(o: {
  saes: readonly StreamedSae[];
  lanes: readonly LaneName[];
  count: number;
  maxRows: number;
  context: GpuContext | null;
  backend: SaeBackend;
}): Promise<FeatureStream> {
  const streams: SaeStream[] = [];
  const dispose = () => {
    for (const stream of streams) stream.dispose();
  };
  try {
    for (const sae of o.saes) streams.push(await createSaeStream({ ...o, sae }));
  } catch (cause) {
    dispose();
    throw cause;
  }
  return {
    watchers: streams.map(({ watcher }) => watcher),
    read: async () => {
      const all: CodedToken[] = [];
      for (const stream of streams) all.push(...(await stream.read()));
      return {
        tokens: all.map(({ latents, ...token }) => ({
          ...token,
          latents: latents.slice(0, o.count),
        })),
        actOf: (lane, saeId, hook, latentIndex) => {
          const isOwn = (token: CodedToken) =>
            token.lane === lane && token.saeId === saeId && token.hook === hook;
          const token = all.filter(isOwn).at(-1);
          if (token === undefined) return null;
          const found = token.latents.find((latent) => latent.latentIndex === latentIndex);
          return found?.act ?? 0;
        },
      };
    },
    dispose,
  };
}

/** With all active latents, strongest first. */
type CodedToken = TokenLatents;
type SaeStream = { watcher: Watcher; read: () => Promise<CodedToken[]>; dispose: () => void };

async function createSaeStream(o: {
  sae: StreamedSae;
  lanes: readonly LaneName[];
  maxRows: number;
  context: GpuContext | null;
  backend: SaeBackend;
}): Promise<SaeStream> {
  const { params, saeId, hook } = o.sae;
  const rowsOfStep = o.maxRows * o.lanes.length;
  // A stream of the GPU copies its rows at once: the model goes on before they are encoded.
  const encoder: SaeEncoder =
    o.context === null
      ? await o.backend.createEncoder(params, { rows: rowsOfStep, weights: 'compact' })
      : await createLatentStream(o.context, params, rowsOfStep);
  let pending: Promise<LatentAct[][]> = Promise.resolve([]);
  let places: Omit<CodedToken, 'latents'>[] = [];
  return {
    watcher: {
      hook,
      see: (x, place) => {
        const rows: number[] = [];
        places = [];
        for (const [index, lane] of o.lanes.entries()) {
          for (let i = 0; i < place.length; i++) {
            rows.push(index * place.length + i);
            places.push({ lane, saeId, hook, position: place.position + i });
          }
        }
        pending = encodeRows(x, rows);
        // A failure is reported to the reader of this promise only.
        pending.catch(() => undefined);
      },
    },
    read: async () => {
      const codes = await pending;
      const tokens = codes.map((latents, i) => ({ ...elementAt(places, i), latents }));
      pending = Promise.resolve([]);
      return tokens;
    },
    dispose: encoder.dispose,
  };

  async function encodeRows(x: Matrix, rows: readonly number[]): Promise<LatentAct[][]> {
    const code = await encoder.encode(x, Uint32Array.from(rows));
    return rows.map((_, i) => activeOf(code, i));
  }
}

/** Active latents of one token of a code, strongest first. */
function activeOf({ k, latentIndices, latentActs }: SparseCode, token: number): LatentAct[] {
  const found: LatentAct[] = [];
  for (let slot = token * k; slot < (token + 1) * k; slot++) {
    const latentIndex = latentIndices[slot] ?? EMPTY_SLOT;
    if (latentIndex !== EMPTY_SLOT) found.push({ latentIndex, act: latentActs[slot] ?? 0 });
  }
  return found.sort((a, b) => b.act - a.act || a.latentIndex - b.latentIndex);
}
