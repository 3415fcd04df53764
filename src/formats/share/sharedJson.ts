// Shared content as JSON and back: short, with sorted keys and floats at four significant digits, so that equal content
// gives equal text. What is read is other people's: it goes through a schema into fresh objects, numbers are clamped,
// lengths capped, names made visible. Knows no compression and no page.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import { ARCHITECTURES } from '../../core/sae/architecture';
import type {
  SharedContent,
  SharedExample,
  SharedFeature,
  SharedLaneToken,
  SharedLimits,
  SharedLogit,
} from '../../core/share/sharedContent';
import { MAX_LABEL, MAX_NOTE } from '../../core/statistics/noteLimits';
import { cutCharacters } from '../../core/text/cutCharacters';
import { visibleText } from '../../core/text/visibleText';
import { cut } from '../archives/byteRange';
import { HookPointSchema, SharedRequestSchema } from './sharedRequest';
import { makeTokenTable, tokenAt, type TokenTable } from './tokenTable';

const VERSION = 1;
const MAX_COUNT = 2 ** 40;
const MAX_VALUE = 1e9;
const MAX_BINS = 128;
const MAX_LOGITS = 10;
const MAX_WORDS = 8;
const MAX_LEAD = 4096;

/** One line. */
export function formatShared(content: SharedContent): string {
  const table = makeTokenTable();
  const features = content.features.map((feature) => featureJson(feature, table));
  const run = content.run === null ? null : runJson(content.run, table);
  return JSON.stringify(
    sorted({
      v: VERSION,
      app: content.app,
      model: content.model,
      sae: content.sae,
      features,
      run,
      tokens: table.lists(),
    }),
  );
}

/** name: of the link or file, for a sentence. Throws FormatError for anything but what `formatShared` writes. */
export function parseShared(text: string, name: string, limits: SharedLimits): SharedContent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cut(cause.message) : '';
    throw new FormatError(`${name}: its content is no JSON (${why})`, { cause });
  }
  const isNewer = v.safeParse(v.looseObject({ v: v.pipe(v.number(), v.gtValue(VERSION)) }), json);
  if (isNewer.success) {
    throw new FormatError(
      `${name}: made by a newer version of nanoscope; reload this page to get it`,
    );
  }
  const parsed = v.safeParse(schemaOf(limits), json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw new FormatError(
      `${name}: its content is not what nanoscope writes (${path === null ? '' : `${path}: `}${cut(issue.message)})`,
    );
  }
  return contentOf(parsed.output, name);
}

const float = (low: number, high: number) =>
  v.pipe(
    v.number(),
    v.transform((value) => Math.max(low, Math.min(high, value))),
  );
const count = v.pipe(
  float(0, MAX_COUNT),
  v.transform((value) => Math.round(value)),
);
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_COUNT));
const list = <T extends v.GenericSchema>(entry: T, most: number) =>
  v.pipe(v.array(entry), v.maxLength(most));
/** Shown in one line. */
const words = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most),
    v.transform((text) => cutCharacters(visibleText(text.replace(/\s+/g, ' ').trim()), most)),
  );
const raw = (most: number) => v.pipe(v.string(), v.maxLength(most));
function schemaOf(limits: SharedLimits) {
  const Logits = list(v.tuple([index, float(-MAX_VALUE, MAX_VALUE)]), MAX_LOGITS);
  const Example = v.object({
    t: v.pipe(list(index, limits.exampleTokens), v.minLength(1)),
    a: list(v.tuple([index, float(-MAX_VALUE, MAX_VALUE)]), limits.exampleTokens),
    p: index,
    r: v.optional(count, 1),
    l: v.optional(list(index, MAX_LEAD)),
  });
  const Feature = v.object({
    i: index,
    n: count,
    max: float(0, MAX_VALUE),
    mean: float(0, MAX_VALUE),
    seen: v.pipe(count, v.minValue(1)),
    bin: float(0, MAX_VALUE),
    bins: list(count, MAX_BINS),
    words: v.optional(list(raw(80), MAX_WORDS), []),
    label: v.optional(words(2 * MAX_LABEL), ''),
    note: v.optional(v.pipe(raw(2 * MAX_NOTE), v.transform(visibleText)), ''),
    guess: v.optional(
      v.object({
        text: words(200),
        score: v.nullable(float(-1, 1)),
        fires: count,
        heldOutFires: count,
      }),
    ),
    ex: v.optional(list(Example, limits.examples), []),
    up: v.optional(Logits, []),
    down: v.optional(Logits, []),
  });
  const Lane = list(
    v.tuple([index, v.nullable(float(-1e4, 0)), v.nullable(float(0, 1e4))]),
    limits.laneTokens,
  );
  return v.object({
    v: v.literal(VERSION),
    app: words(40),
    model: v.nullable(words(120)),
    sae: v.nullable(
      v.object({
        saeId: words(120),
        name: words(80),
        hookPoint: HookPointSchema,
        d_sae: v.pipe(index, v.minValue(1)),
        architecture: v.picklist(ARCHITECTURES),
        k: v.nullable(index),
        corpus: v.nullable(words(200)),
      }),
    ),
    features: list(Feature, limits.features),
    run: v.nullable(
      v.object({
        request: SharedRequestSchema,
        prompt: list(index, limits.laneTokens * 4),
        baseline: Lane,
        steered: Lane,
      }),
    ),
    tokens: v.object({ ids: list(index, 1e6), texts: list(raw(200), 1e6) }),
  });
}

type Parsed = v.InferOutput<ReturnType<typeof schemaOf>>;
type ParsedFeature = Parsed['features'][number];

function contentOf(parsed: Parsed, name: string): SharedContent {
  const { tokens: table, run, sae, features } = parsed;
  if (features.length > 0 && sae === null) {
    throw new FormatError(`${name}: it has features of no SAE`);
  }
  if (features.length === 0 && run === null) {
    throw new FormatError(`${name}: it has neither a feature nor a text`);
  }
  const token = (at: number) => tokenAt(table, at, name);
  const lane = (tokens: NonNullable<Parsed['run']>['baseline']) =>
    tokens.map(([at, logProb, kl]): SharedLaneToken => ({ ...token(at), logProb, kl }));
  return {
    app: parsed.app,
    model: parsed.model,
    sae,
    features: features.map((feature) => featureOf(feature, token, sae?.d_sae ?? 0, name)),
    run: run && {
      request: run.request,
      prompt: run.prompt.map(token),
      lanes: { baseline: lane(run.baseline), steered: lane(run.steered) },
    },
  };
}

type Token = (at: number) => { tokenId: number; text: string };

function featureOf(f: ParsedFeature, token: Token, d_sae: number, name: string): SharedFeature {
  if (f.i >= d_sae) {
    throw new FormatError(`${name}: feature ${f.i} of an SAE that has ${d_sae}`);
  }
  const logits = (list: ParsedFeature['up']): SharedLogit[] =>
    list.map(([at, value]) => ({ ...token(at), value }));
  return {
    latentIndex: f.i,
    density: Math.min(1, f.n / f.seen),
    fireCount: Math.min(f.n, f.seen),
    maxAct: f.max,
    meanAct: f.mean,
    tokensSeen: f.seen,
    histogram: {
      binWidth: f.bin,
      counts: Array.from({ length: MAX_BINS }, (_, bin) => f.bins[bin] ?? 0),
    },
    firesOn: f.words,
    label: cutCharacters(f.label, MAX_LABEL),
    note: cutCharacters(f.note, MAX_NOTE),
    guess: f.guess === undefined ? null : { ...f.guess, latentIndex: f.i },
    examples: f.ex.map((example): SharedExample => {
      if (example.p >= example.t.length) {
        throw new FormatError(`${name}: an example of feature ${f.i} has its peak outside of it`);
      }
      const acts = new Map(example.a);
      return {
        tokens: example.t.map((at, place) => ({ ...token(at), act: acts.get(place) ?? 0 })),
        peak: example.p,
        repeats: example.r,
        lead: example.l ?? null,
      };
    }),
    topLogits: logits(f.up),
    bottomLogits: logits(f.down),
  };
}

function featureJson(f: SharedFeature, table: TokenTable) {
  const lastBin = f.histogram.counts.findLastIndex((fires) => fires > 0);
  const logits = (list: readonly SharedLogit[]) =>
    list.map((token) => [table.place(token), short(token.value)]);
  return {
    i: f.latentIndex,
    n: f.fireCount,
    max: short(f.maxAct),
    mean: short(f.meanAct),
    seen: f.tokensSeen,
    bin: short(f.histogram.binWidth),
    bins: f.histogram.counts.slice(0, lastBin + 1),
    words: f.firesOn.length === 0 ? undefined : f.firesOn,
    label: f.label === '' ? undefined : f.label,
    note: f.note === '' ? undefined : f.note,
    guess: guessJson(f.guess),
    ex: f.examples.map(({ tokens, peak, repeats, lead }) => ({
      t: tokens.map((token) => table.place(token)),
      a: [...tokens.entries()].flatMap(([at, { act }]) => (act === 0 ? [] : [[at, short(act)]])),
      p: peak,
      r: repeats === 1 ? undefined : repeats,
      l: lead ?? undefined,
    })),
    up: logits(f.topLogits),
    down: logits(f.bottomLogits),
  };
}

function guessJson(guess: SharedFeature['guess']) {
  if (guess === null || guess.text === null) return undefined;
  const { text, score, fires, heldOutFires } = guess;
  return { text, score: score === null ? null : short(score), fires, heldOutFires };
}

function runJson(run: NonNullable<SharedContent['run']>, table: TokenTable) {
  const lane = (tokens: readonly SharedLaneToken[]) =>
    tokens.map((token) => [
      table.place(token),
      token.logProb === null ? null : short(token.logProb),
      token.kl === null ? null : short(token.kl),
    ]);
  return {
    request: run.request,
    prompt: run.prompt.map((token) => table.place(token)),
    baseline: lane(run.lanes.baseline),
    steered: lane(run.lanes.steered),
  };
}

/** 4 significant digits, without a negative zero. */
function short(value: number): number {
  return Number(value.toPrecision(4)) + 0;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
