// Custom directions: made from two texts, a file or another SAE's decoder, stored between visits.
import { visibleText } from '../../core/text/visibleText';
import { cutCharacters } from '../../core/text/cutCharacters';
import * as v from 'valibot';
import { ConfigError, FormatError } from '../../core/errors';
import type { HookPoint } from '../../core/activations/hookPoint';
import { norm, unitVector } from '../../core/numeric/vectors';
import { decoderRow } from '../../core/sae/latentWeights';
import type { VectorFacts } from '../../core/steer/steeringReport';
import { readVectorFile } from '../../formats/sae/vectorFile';
import { listRecords, recordKind } from '../../storage/records';
import { sha256Hex } from '../../storage/storage';
import type { VectorSource } from './api';
import { checkLatentIndex } from '../sae/checkLatentIndex';
import { HookPointSchema } from '../sae/saeRecords';
import type { HookReader } from '../activations/hookReader';
import type { EngineHosts } from '../hosts';
import { followRecords } from '../recordNews';

/** direction: a unit vector */
type Vector = { facts: VectorFacts; direction: Float32Array };

export type VectorHost = {
  make: (source: VectorSource) => Promise<VectorFacts>;
  list: () => Promise<VectorFacts[]>;
  /** Throws ConfigError if it does not exist. */
  get: (vectorId: string) => Promise<Vector>;
  delete: (vectorId: string) => Promise<void>;
};

type Hosts = Pick<EngineHosts, 'parts' | 'library' | 'modelHost' | 'emit'> & {
  hookReader: HookReader;
};

const MAX_NAME = 80;

const VectorSchema: v.GenericSchema<unknown, Vector> = v.pipe(
  v.looseObject({
    facts: v.looseObject({
      vectorId: v.string(),
      name: v.string(),
      hook: v.nullable(HookPointSchema),
      d_in: v.number(),
      norm: v.number(),
      origin: v.picklist(['prompts', 'file', 'decoder']),
    }),
    direction: v.instance(Float32Array),
  }),
  v.check(({ facts, direction }) => direction.length === facts.d_in, 'not d_in values'),
  v.check(({ direction }) => direction.every(Number.isFinite), 'values that are not finite'),
);
export const VECTOR_RECORDS = recordKind({
  prefix: 'vector/',
  what: 'steering vector',
  schema: VectorSchema,
});

export function createVectorHost(hosts: Hosts): VectorHost {
  const { storage } = hosts.parts;
  const vectors = new Map<string, Vector>();
  let opening: Promise<void> | null = null;

  const open = async () => {
    for (const vector of await listRecords(storage, VECTOR_RECORDS)) {
      vectors.set(vector.facts.vectorId, vector);
    }
  };
  const ready = () => {
    opening ??= open().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };
  const list = async () => {
    await ready();
    return [...vectors.values()].map(({ facts }) => facts);
  };
  const announce = async () => {
    hosts.emit({ kind: 'vectors', vectors: await list() });
  };

  followRecords(hosts, VECTOR_RECORDS, async (vectorIds) => {
    // Nobody has asked yet: who does will read all.
    if (opening === null) return;
    await ready();
    for (const vectorId of vectorIds) vectors.delete(vectorId);
    for (const vector of await listRecords(storage, VECTOR_RECORDS)) {
      const { vectorId } = vector.facts;
      if (vectorIds.includes(vectorId)) vectors.set(vectorId, vector);
    }
    await announce();
  });

  return {
    list,
    async make(source) {
      await ready();
      const values = await readSource(hosts, source);
      const length = norm(values);
      if (!(length > 0)) {
        throw new ConfigError('The vector is zero: it has no direction to steer in.', 'vector');
      }
      const direction = unitVector(values);
      const former = vectors.get(await formerIdOf(direction));
      // Made by an older version, whose ids left out the hook: still the same vector.
      const isSame = former !== undefined && former.facts.hook === source.hook;
      const facts: VectorFacts = {
        vectorId: isSame ? former.facts.vectorId : await idOf(direction, source.hook),
        name: cutCharacters(visibleText(source.name), MAX_NAME),
        hook: source.hook,
        d_in: direction.length,
        norm: length,
        origin: source.kind,
      };
      vectors.set(facts.vectorId, { facts, direction });
      await announce();
      await storage.setFacts(VECTOR_RECORDS.prefix + facts.vectorId, { facts, direction });
      return facts;
    },
    async get(vectorId) {
      await ready();
      const vector = vectors.get(vectorId);
      if (vector === undefined) {
        throw new ConfigError(
          `${vectorId}: no vector of that name on this device. Make it again from its texts or file.`,
          'vector',
        );
      }
      return vector;
    },
    async delete(vectorId) {
      await ready();
      vectors.delete(vectorId);
      await storage.delete(VECTOR_RECORDS.prefix + vectorId);
      await announce();
    },
  };
}

/** v- and the first 8 hex digits of the SHA-256 of the hook point and of the values as little-endian f32: the
 *  same direction at another place is another vector. */
async function idOf(direction: Float32Array, hook: HookPoint | null): Promise<string> {
  const bytes = await new Blob([`${hook ?? ''}:`, direction.slice()]).arrayBuffer();
  return `v-${(await sha256Hex(new Uint8Array(bytes))).slice(0, 8)}`;
}

/** As versions until the end of November 2026 did: of the values alone. */
async function formerIdOf(direction: Float32Array): Promise<string> {
  const bytes = new Uint8Array(direction.slice().buffer);
  return `v-${(await sha256Hex(bytes)).slice(0, 8)}`;
}

async function readSource(hosts: Hosts, source: VectorSource): Promise<Float32Array> {
  const { facts: model } = hosts.modelHost.current();
  if (!model.hookPoints.includes(source.hook)) {
    throw new ConfigError(`The open model has no hook point ${source.hook}.`, 'hook');
  }
  switch (source.kind) {
    case 'prompts': {
      const positive = await meanOfText(hosts, source.positive, source.hook);
      const negative = await meanOfText(hosts, source.negative, source.hook);
      return positive.map((value, i) => value - (negative[i] ?? 0));
    }
    case 'file': {
      const values = await readVectorFile(source.file, source.tensor);
      if (values.length === model.n_embd) return values;
      throw new FormatError(
        `${source.file.path} has ${values.length} values; the open model's stream has ${model.n_embd}`,
      );
    }
    case 'decoder':
      return rowOf(hosts, source.saeId, source.latentIndex, model.n_embd);
    default:
      return source satisfies never;
  }
}

/** Mean over the text's own tokens; <|bos|>, the norm sink, is read but not counted. */
async function meanOfText(hosts: Hosts, text: string, hook: HookPoint): Promise<Float32Array> {
  const { tokenizer, facts } = hosts.modelHost.current();
  const ids = tokenizer.encodeOrdinary(text);
  if (ids.length === 0) {
    throw new ConfigError('Both texts need at least one token.', 'vector');
  }
  if (ids.length + 1 > facts.sequence_len) {
    throw new ConfigError(
      `The text has ${ids.length} tokens; this model reads at most ${facts.sequence_len - 1}.`,
      'vector',
    );
  }
  const tokenIds = Int32Array.from([tokenizer.specialTokenId('<|bos|>'), ...ids]);
  const rows = await hosts.hookReader.rows(tokenIds, hook);
  const d = facts.n_embd;
  const sum = new Float64Array(d);
  for (let at = d; at < rows.length; at++) sum[at % d] = (sum[at % d] ?? 0) + (rows[at] ?? 0);
  return Float32Array.from(sum, (value) => value / ids.length);
}

async function rowOf(
  { library }: Hosts,
  saeId: string,
  latentIndex: number,
  width: number,
): Promise<Float32Array> {
  const facts = await library.get(saeId);
  const { d_in, d_sae, name } = facts;
  if (d_in !== width) {
    throw new ConfigError(
      `${name} has rows of ${d_in} values; the open model's stream has ${width}.`,
      'sae',
    );
  }
  checkLatentIndex(latentIndex, d_sae);
  return decoderRow(await library.params(facts.saeId), latentIndex).slice();
}
