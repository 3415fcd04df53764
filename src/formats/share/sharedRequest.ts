// How a shared pair of texts was made, read as other people's data: a request that the engine can be given. Nothing of it
// is rounded, for the same request must give the same text.
import * as v from 'valibot';
import { parseHookPoint, type HookPoint } from '../../core/activations/hookPoint';
import type { SharedRequest } from '../../core/share/sharedContent';
import { MASK_CLASSES, MAX_SLOTS, STEER_MODES, STEER_UNITS } from '../../core/steer/steering';

const MAX_PROMPT = 20_000;
const MAX_POINTS = 4096;
const MAX_DIAL = 1e6;

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(low), v.maxValue(high));
const number = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(120));
export const HookPointSchema = v.custom<HookPoint>((text) => {
  try {
    parseHookPoint(typeof text === 'string' ? text : '');
    return true;
  } catch {
    return false;
  }
}, 'no hook point');

const Slot = v.object({
  id: name,
  target: v.variant('kind', [
    v.object({ kind: v.literal('latent'), saeId: name, latentIndex: whole(0, 1_048_575) }),
    v.object({ kind: v.literal('vector'), vectorId: name }),
  ]),
  hook: v.nullable(HookPointSchema),
  mode: v.picklist(STEER_MODES),
  unit: v.picklist(STEER_UNITS),
  value: v.nullable(number(-MAX_DIAL, MAX_DIAL)),
  isMuted: v.boolean(),
  isSolo: v.boolean(),
});

const Mask = v.variant('kind', [
  v.object({
    kind: v.literal('classes'),
    classes: v.pipe(v.array(v.picklist(MASK_CLASSES)), v.maxLength(MASK_CLASSES.length)),
  }),
  v.object({
    kind: v.literal('positions'),
    positions: v.pipe(v.array(whole(0, 65_535)), v.maxLength(1024)),
  }),
]);

const Point = v.object({
  slotId: name,
  token: whole(0, 65_535),
  value: v.nullable(number(-MAX_DIAL, MAX_DIAL)),
});

export const SharedRequestSchema: v.GenericSchema<unknown, SharedRequest> = v.object({
  prompt: v.pipe(v.string(), v.maxLength(MAX_PROMPT)),
  maxTokens: whole(1, 65_536),
  temperature: number(0, 5),
  topK: whole(0, 1_048_575),
  seed: whole(0, 0xffffffff),
  steer: v.object({
    slots: v.pipe(v.array(Slot), v.minLength(1), v.maxLength(MAX_SLOTS)),
    mask: Mask,
    clip: v.nullable(number(0, 100)),
    automation: v.nullable(v.pipe(v.array(Point), v.maxLength(MAX_POINTS))),
    lanes: v.picklist(['both', 'steered']),
    streamLatents: whole(0, 64),
  }),
});
