// The float64 state of a dense run as a TrainerState, and back.
import type { ExtraName } from '../../src/core/architecture';
import { LATENT_VECTORS, type DenseKind, type LatentVector } from '../../src/core/denseLoss';
import type { DenseParams64 } from '../../src/core/reference/denseLoss';
import type { DenseState64 } from '../../src/core/reference/denseTrainStep';
import type { TrainerState } from '../../src/core/trainerState';

const MATRICES = ['W_enc', 'W_dec', 'b_dec'] as const;

/** The first latent vector, b_enc or b_gate, is the state's b_enc. */
export function toTrainerState({
  step,
  params,
  m,
  v,
  tokensSinceFired,
}: DenseState64): TrainerState {
  const first = 'b_gate' in params ? 'b_gate' : 'b_enc';
  const moments = (name: keyof DenseParams64) => ({
    m: Float32Array.from(m[name]!),
    v: Float32Array.from(v[name]!),
  });
  const extra: TrainerState['extra'] = {};
  for (const name of ['b_mag', 'r_mag', 'threshold'] as const) {
    const values = params[name];
    if (values) extra[name] = { values: Float32Array.from(values), ...moments(name) };
  }
  return {
    step,
    W_enc: Float32Array.from(params.W_enc),
    W_dec: Float32Array.from(params.W_dec),
    b_enc: Float32Array.from(params[first]!),
    b_dec: Float32Array.from(params.b_dec),
    adam: {
      W_enc: moments('W_enc'),
      W_dec: moments('W_dec'),
      b_enc: moments(first),
      b_dec: moments('b_dec'),
    },
    tokensSinceFired: tokensSinceFired.slice(),
    extra,
    running: new Float32Array(0),
  };
}

export function toDenseState64(state: TrainerState, kind: DenseKind): DenseState64 {
  const params = pick(state, kind, 'values');
  return {
    step: state.step,
    params,
    m: pick(state, kind, 'm'),
    v: pick(state, kind, 'v'),
    tokensSinceFired: state.tokensSinceFired.slice(),
  };
}

function pick(state: TrainerState, kind: DenseKind, what: 'values' | 'm' | 'v'): DenseParams64 {
  const of = (name: 'W_enc' | 'W_dec' | 'b_enc' | 'b_dec') =>
    Float64Array.from(what === 'values' ? state[name] : state.adam[name][what]);
  const vectors = LATENT_VECTORS[kind].map((name: LatentVector, which) => [
    name,
    which === 0 ? of('b_enc') : Float64Array.from(state.extra[name as ExtraName]![what]),
  ]);
  return {
    ...Object.fromEntries(MATRICES.map((name) => [name, of(name)])),
    ...Object.fromEntries(vectors),
  } as DenseParams64;
}
