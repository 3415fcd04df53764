// A checkpoint as bytes: the state of the trainer, what was measured of the input, and the curve so far. Knows
// no storage.
import { FormatError } from '../../core/errors';
import { stateShape } from '../../core/sae/stateShape';
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import type { TrainerState } from '../../core/train/trainerState';
import {
  formatArrayBundle,
  parseArrayBundle,
  type BundleArray,
} from '../../formats/archives/arrayBundle';
import type { TrainPoint } from './api';

export type Checkpoint = { calibration: Calibration; state: TrainerState; points: TrainPoint[] };

const POINT_FIELDS = [
  'step',
  'tokens',
  'loss',
  'l0',
  'explainedVariance',
  'deadFraction',
  'auxLoss',
] as const satisfies readonly (keyof TrainPoint)[];

const MOMENT_OWNERS = ['W_enc', 'W_dec', 'b_enc', 'b_dec'] as const;

export function formatCheckpoint({
  calibration,
  state,
  points,
}: Checkpoint): Uint8Array<ArrayBuffer> {
  const { mean, ...measured } = calibration;
  const arrays: Record<string, BundleArray> = {
    mean,
    W_enc: state.W_enc,
    W_dec: state.W_dec,
    b_enc: state.b_enc,
    b_dec: state.b_dec,
    tokensSinceFired: state.tokensSinceFired,
    running: state.running,
    points: flatPoints(points),
  };
  for (const owner of MOMENT_OWNERS) {
    arrays[`adam.${owner}.m`] = state.adam[owner].m;
    arrays[`adam.${owner}.v`] = state.adam[owner].v;
  }
  for (const [name, vector] of Object.entries(state.extra)) {
    arrays[`extra.${name}`] = vector.values;
    arrays[`extra.${name}.m`] = vector.m;
    arrays[`extra.${name}.v`] = vector.v;
  }
  for (const [name, average] of Object.entries(state.averages)) arrays[`average.${name}`] = average;
  return formatArrayBundle({ facts: { step: state.step, ...measured }, arrays });
}

/** Throws FormatError. */
export function parseCheckpoint(
  bytes: Uint8Array,
  record: { runId: string; config: SaeConfig },
): Checkpoint {
  const what = `checkpoint of ${record.runId}`;
  const { facts, arrays } = parseArrayBundle(bytes, what);
  const { d_in, d_sae } = record.config;
  const number = (name: string): number => {
    const value = (facts as Record<string, unknown> | null)?.[name];
    if (typeof value !== 'number') throw new FormatError(`${what}: no ${name}`);
    return value;
  };
  const take = <T extends BundleArray>(
    name: string,
    type: abstract new (...args: never[]) => T,
    length: number,
  ): T => {
    const array = arrays[name];
    if (!(array instanceof type) || array.length !== length) {
      throw new FormatError(`${what}: ${name} has ${array?.length ?? 0} values, not ${length}`);
    }
    return array;
  };
  const shapes = { W_enc: d_in * d_sae, W_dec: d_in * d_sae, b_enc: d_sae, b_dec: d_in };
  const parameter = (name: keyof typeof shapes) => take(name, Float32Array, shapes[name]);
  const moments = (name: keyof typeof shapes) => ({
    m: take(`adam.${name}.m`, Float32Array, shapes[name]),
    v: take(`adam.${name}.v`, Float32Array, shapes[name]),
  });
  const own = stateShape(record.config.architecture);
  const extra: TrainerState['extra'] = {};
  for (const name of own.extra) {
    extra[name] = {
      values: take(`extra.${name}`, Float32Array, d_sae),
      m: take(`extra.${name}.m`, Float32Array, d_sae),
      v: take(`extra.${name}.v`, Float32Array, d_sae),
    };
  }
  const averages: TrainerState['averages'] = {};
  if (record.config.emaDecay > 0) {
    for (const name of MOMENT_OWNERS) {
      averages[name] = take(`average.${name}`, Float32Array, shapes[name]);
    }
    for (const name of own.extra) averages[name] = take(`average.${name}`, Float32Array, d_sae);
  }
  return {
    calibration: {
      tokens: number('tokens'),
      inputScale: number('inputScale'),
      ...(record.config.architecture === 'transcoder' && { outputScale: number('outputScale') }),
      variance: number('variance'),
      mean: take('mean', Float32Array, d_in),
    },
    state: {
      step: number('step'),
      W_enc: parameter('W_enc'),
      W_dec: parameter('W_dec'),
      b_enc: parameter('b_enc'),
      b_dec: parameter('b_dec'),
      adam: {
        W_enc: moments('W_enc'),
        W_dec: moments('W_dec'),
        b_enc: moments('b_enc'),
        b_dec: moments('b_dec'),
      },
      tokensSinceFired: take('tokensSinceFired', Uint32Array, d_sae),
      extra,
      averages,
      // Only stored since architectures can be chosen; older records do not have it.
      running:
        arrays['running'] === undefined && own.running === 0
          ? new Float32Array(0)
          : take('running', Float32Array, own.running),
    },
    points: parsePoints(arrays['points']),
  };
}

/** The curve of a run that is finished. */
export function formatCurve(points: readonly TrainPoint[]): Uint8Array<ArrayBuffer> {
  return formatArrayBundle({ facts: null, arrays: { points: flatPoints(points) } });
}

/** Throws FormatError. */
export function parseCurve(bytes: Uint8Array, runId: string): TrainPoint[] {
  return parsePoints(parseArrayBundle(bytes, `curve of ${runId}`).arrays['points']);
}

function flatPoints(points: readonly TrainPoint[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(points.flatMap((point) => POINT_FIELDS.map((field) => point[field])));
}

function parsePoints(flat: BundleArray | undefined): TrainPoint[] {
  const points: TrainPoint[] = [];
  for (let at = 0; flat !== undefined && at < flat.length; at += POINT_FIELDS.length) {
    const value = (field: (typeof POINT_FIELDS)[number]) =>
      flat[at + POINT_FIELDS.indexOf(field)] ?? 0;
    points.push({
      step: value('step'),
      tokens: value('tokens'),
      loss: value('loss'),
      l0: value('l0'),
      explainedVariance: value('explainedVariance'),
      deadFraction: value('deadFraction'),
      auxLoss: value('auxLoss'),
    });
  }
  return points;
}
