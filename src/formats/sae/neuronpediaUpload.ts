// Bodies of Neuronpedia's REST upload (interop.md §9): made from the same dashboards, checked against what the server
// accepts before anything is sent, since it tells of the first fault only.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { cutCharacters } from '../../core/text/cutCharacters';
import type { BulkFeature } from './neuronpediaBulk';
import { sourceIdOf, type NeuronpediaPlace } from './neuronpediaNames';

const MAX_UPLOAD_FEATURES = 128;
const MAX_LOGITS = 20;
const MAX_TOKENS = 1024;
const MAX_EXPLANATION = 512;

const finite = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.minLength(1));
const Logits = v.pipe(
  v.array(v.strictObject({ token: text, value: finite })),
  v.maxLength(MAX_LOGITS),
);
const Activation = v.pipe(
  v.strictObject({
    tokens: v.pipe(v.array(text), v.minLength(1), v.maxLength(MAX_TOKENS)),
    values: v.pipe(v.array(finite), v.minLength(1), v.maxLength(MAX_TOKENS)),
    quantileMin: finite,
    quantileMax: finite,
    quantileFraction: v.pipe(finite, v.minValue(0), v.maxValue(1)),
  }),
  v.check(({ tokens, values }) => tokens.length === values.length, 'as many values as tokens'),
);
const Feature = v.strictObject({
  index: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000)),
  density: v.pipe(finite, v.minValue(0), v.maxValue(1)),
  topLogits: Logits,
  bottomLogits: Logits,
  explanations: v.array(v.strictObject({ text: v.pipe(text, v.maxLength(MAX_EXPLANATION)) })),
  activations: v.pipe(v.array(Activation), v.minLength(1)),
});

/** What the server accepts for a batch of features. */
export const UploadBody = v.pipe(
  v.strictObject({
    modelId: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]*[a-z0-9]$/), v.maxLength(32)),
    source: v.pipe(v.string(), v.regex(/^\d{1,3}-[a-z][a-z0-9-]*[a-z0-9]$/)),
    features: v.pipe(v.array(Feature), v.minLength(1), v.maxLength(MAX_UPLOAD_FEATURES)),
  }),
  v.check(
    ({ features }) => new Set(features.map(({ index }) => index)).size === features.length,
    'each index once',
  ),
);
export type UploadBody = v.InferOutput<typeof UploadBody>;

export type NewModelBody = { id: string; layers: number; displayName: string; url?: string };
export type NewSourceSetBody = { name: string; modelId: string; description: string; url?: string };

/** Throws FormatError naming the field of a feature that the server would refuse. */
export function uploadBody(place: NeuronpediaPlace, features: readonly BulkFeature[]): UploadBody {
  return checkUploadBody({
    modelId: place.modelId,
    source: sourceIdOf(place),
    features: features.map(uploadFeature),
  });
}

export function checkUploadBody(body: unknown): UploadBody {
  return checkedFields(UploadBody, body, 'upload', 'Neuronpedia would refuse it');
}

function uploadFeature({ dashboard: d, explanations }: BulkFeature) {
  const logits = (tokens: readonly string[], values: readonly number[]) =>
    tokens.slice(0, MAX_LOGITS).map((token, i) => ({ token: shown(token), value: values[i] ?? 0 }));
  return {
    index: d.feature_index,
    density: d.frac_nonzero,
    topLogits: logits(d.pos_str, d.pos_values),
    bottomLogits: logits(d.neg_str, d.neg_values),
    explanations: explanations.map(({ description }) => ({
      text: cutCharacters(description, MAX_EXPLANATION),
    })),
    activations: d.activations.map((activation) => ({
      tokens: activation.tokens.slice(0, MAX_TOKENS).map(shown),
      values: activation.values.slice(0, MAX_TOKENS),
      quantileMin: activation.bin_min,
      quantileMax: activation.bin_max,
      // The top group's −1 is out of bounds here.
      quantileFraction: Math.min(1, Math.max(0, activation.bin_contains)),
    })),
  };
}

/** The server takes no empty text. */
function shown(token: string): string {
  return token === '' ? ' ' : token;
}
