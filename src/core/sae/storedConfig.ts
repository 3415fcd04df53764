// A configuration that an earlier visit stored: completed where an older version wrote it, and checked as
// foreign data.
import * as v from 'valibot';
import { parseHookPoint } from '../activations/hookPoint';
import { ConfigError } from '../errors';
import { bDecInitOf, makeSaeConfig, type SaeConfig } from './sae';
import { resampleDefaults } from './resampleFields';

/** Completes a config stored by an older version: fields that did not exist then get today's defaults.
 *  Before architectures could be chosen, every SAE was TopK. */
function upgradeSaeConfig(stored: SaeConfig): SaeConfig {
  const known: Partial<SaeConfig> = stored;
  const config = { ...stored, architecture: known.architecture ?? 'topk' } as SaeConfig;
  const machinery = {
    bDecInit: bDecInitOf(config),
    emaDecay: 0,
    prependBos: false,
    firstBlockRows: config.ringRows,
    initSeed: config.seed,
  };
  const resampling =
    config.architecture === 'relu' || config.architecture === 'gated'
      ? resampleDefaults(config)
      : {};
  return { ...machinery, ...resampling, ...config };
}

/** Types only; makeSaeConfig knows the bounds. */
const Fields = v.looseObject({
  hookPoint: v.string(),
  architecture: v.optional(v.string()),
  applyBDecToInput: v.boolean(),
  prependBos: v.optional(v.boolean()),
  bDecInit: v.optional(v.string()),
  decoderNorm: v.optional(v.string()),
  mode: v.optional(v.string()),
  widths: v.optional(v.array(v.number())),
});
/** All others are numbers. */
const TYPED = new Set(Object.keys(Fields.entries));

/** The config, upgraded; what is wrong with it is an issue of the schema. */
export const StoredConfig = v.pipe(
  Fields,
  v.rawTransform<v.InferOutput<typeof Fields>, SaeConfig>(({ dataset, addIssue, NEVER }) => {
    try {
      return checked(dataset.value);
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      addIssue({ message: cause.message });
      return NEVER;
    }
  }),
);

function checked(stored: v.InferOutput<typeof Fields>): SaeConfig {
  parseHookPoint(stored.hookPoint);
  const upgraded = upgradeSaeConfig(stored as unknown as SaeConfig);
  const made: SaeConfig = makeSaeConfig(upgraded);
  for (const [name, value] of Object.entries(made)) {
    if (!(name in upgraded)) throw new ConfigError(`${name} is missing`, name);
    if (!TYPED.has(name) && typeof value !== 'number') {
      throw new ConfigError(`${name} is no number`, name);
    }
  }
  return made;
}
