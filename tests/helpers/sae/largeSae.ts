// The demo SAE repeated until it has many features: what the Explore screen is measured on. Served in place of the
// demo's files; nothing of it is committed. Copies of a direction differ a little, or a map would lay them on one spot.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { LatentExamples } from '../../../src/core/statistics/latentExamples';
import type { SaeStatistics } from '../../../src/core/statistics/saeStatistics';
import { makeRng } from '../../../src/core/numeric/rng';
import type { SaeParams } from '../../../src/core/sae/sae';
import { formatSaeLens, parseSaeLens } from '../../../src/formats/sae/saelens';
import { formatSaeStatistics, parseSaeStatistics } from '../../../src/formats/sae/saeStatistics';

const FOLDER = join(import.meta.dirname, '../../../public/demo/sae');

/** The page that opens next finds `times` copies of each of the demo SAE's features. Returns how many there are. */
export async function serveLargeSae(page: Page, times: number): Promise<number> {
  const facts = JSON.parse(readFileSync(join(FOLDER, 'facts.json'), 'utf8')) as { d_sae: number };
  const bytes = Uint8Array.from(readFileSync(join(FOLDER, 'statistics.bin')));
  const many = repeatStatistics(await parseSaeStatistics(bytes, facts.d_sae), times);
  const body = Buffer.from(await formatSaeStatistics(many));
  const json = { ...facts, d_sae: many.d_sae };
  await page.route('**/demo/sae/statistics.bin', (route) => route.fulfill({ body }));
  await page.route('**/demo/sae/facts.json', (route) => route.fulfill({ json }));
  // 33 MB: made when a map asks for them.
  let weights: Promise<Map<string, Uint8Array>> | null = null;
  for (const name of WEIGHT_FILES) {
    await page.route(`**/demo/sae/${name}`, async (route) => {
      weights ??= repeatWeights(times);
      await route.fulfill({ body: Buffer.from((await weights).get(name) ?? '') });
    });
  }
  return many.d_sae;
}

const WEIGHT_FILES = ['cfg.json', 'sae_weights.safetensors'];
/** Of a direction of length 1; each of some hundred dimensions strays by it. */
const STRAY = 0.02;

async function repeatWeights(times: number) {
  const files = WEIGHT_FILES.map((path) => ({
    path,
    blob: new Blob([Uint8Array.from(readFileSync(join(FOLDER, path)))]),
  }));
  const { params, hookName, modelName, facts } = await parseSaeLens(files);
  const { contextSize, datasetPath } = facts;
  const rest = {
    hookPoint: hookName,
    modelName,
    version: 'test',
    fireRates: null,
    statistics: null,
  };
  return formatSaeLens(repeatParams(params, times), {
    ...facts,
    ...rest,
    contextSize: contextSize ?? 256,
    datasetPath: datasetPath ?? '',
  });
}

function repeatParams(params: SaeParams, times: number): SaeParams {
  const { d_sae, W_enc, W_dec, b_enc } = params;
  const rng = makeRng(1);
  const many = repeatAll({ W_dec, b_enc }, times);
  return {
    ...params,
    d_sae: d_sae * times,
    b_enc: many.b_enc,
    W_dec: many.W_dec.map((value) => value + STRAY * rng.normal()),
    // [d_in, d_sae]: each row of it is repeated.
    W_enc: Float32Array.from({ length: W_enc.length * times }, (_, i) => {
      return W_enc[Math.floor(i / (d_sae * times)) * d_sae + (i % d_sae)]!;
    }),
  };
}

function repeatStatistics(s: SaeStatistics, times: number): SaeStatistics {
  const { details, logits } = s;
  const all = <T extends object>(arrays: T): T => repeatAll(arrays, times);
  return {
    ...s,
    ...all({
      fireCount: s.fireCount,
      actSum: s.actSum,
      maxAct: s.maxAct,
      range: s.range,
      histogram: s.histogram,
      logits: all(logits),
    }),
    d_sae: s.d_sae * times,
    examples: repeatExamples(s.examples, times),
    details: details && {
      ...details,
      powerSums: all(details.powerSums),
      neighbours: all(details.neighbours),
      partners: all(details.partners),
    },
  };
}

function repeatExamples(examples: LatentExamples, times: number): LatentExamples {
  const { passageEnds, tokenIds, spanEnds, exampleEnds, actEnds, ...others } = examples;
  return {
    passageEnds,
    tokenIds,
    ...repeatAll(others, times),
    spanEnds: repeatEnds(spanEnds, times),
    exampleEnds: repeatEnds(exampleEnds, times),
    actEnds: repeatEnds(actEnds, times),
  };
}

/** Every typed array `times` over; other fields as they are. */
function repeatAll<T extends object>(fields: T, times: number): T {
  const repeated = Object.entries(fields).map(([name, value]: [string, unknown]) => {
    if (!ArrayBuffer.isView(value)) return [name, value];
    const from = value as Uint32Array;
    const made = new (from.constructor as Uint32ArrayConstructor)(from.length * times);
    for (let i = 0; i < times; i++) made.set(from, i * from.length);
    return [name, made];
  });
  return Object.fromEntries(repeated) as T;
}

function repeatEnds(ends: Uint32Array, times: number): Uint32Array {
  const whole = ends.at(-1) ?? 0;
  return Uint32Array.from({ length: ends.length * times }, (_, i) => {
    return ends[i % ends.length]! + whole * Math.floor(i / ends.length);
  });
}
