// npm run bench -- circuit [--json] [--transcoders FOLDER] [--prompts N|A..B] [--kept FILE] [--tokens N] [--features N] [--nodes N] [--random N]
// Attribution graphs of the demo model through the product's own engine on the processor: how exact they are for every
// revision, how much they explain, whether the features that they name do what the graph predicts, and what a graph
// costs. FOLDER: transcoders of every block, as `nanoscope train` writes them; without it those of the demo. --random:
// random transcoders of that many latents instead, which only show that the command works. --nodes: features that are
// switched off per prompt, of the most influential ones and as many others; 0: none. --prompts: of the twenty, those
// measured now, A..B with both ends, from 1. --kept: a file that each prompt's figures are added to and that those in it
// are read from, so that a long measurement can be made in parts; the last line is of all that it has.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildGraph, GRAPH_OPTIONS } from '../src/core/circuits/buildGraph';
import { createRowProducts } from '../src/engine/circuits/rowProducts';
import { createCpuProducts } from '../src/cpu/circuits/cpuProducts';
import { NANOCHAT_REVISIONS } from '../src/formats/model/nanochatRevision';
import { openTranscoders } from '../src/node/circuits';
import { valueOf, type Session } from '../src/engine/session';
import { openSession } from '../src/node/session';
import { makeSaeParams } from '../tests/helpers/cases';
import { frozenCase } from '../tests/helpers/circuits/frozenCase';
import { transcoderFiles } from '../tests/helpers/circuits/transcoderFiles';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../tests/helpers/model/modelRandom';
import {
  lineOf,
  measurePrompt,
  PROMPTS,
  promptsOf,
  type Measured,
  type Order,
} from './circuit/measurePrompt';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      transcoders: { type: 'string' },
      prompts: { type: 'string', default: String(PROMPTS) },
      kept: { type: 'string' },
      tokens: { type: 'string', default: '64' },
      features: { type: 'string', default: String(GRAPH_OPTIONS.maxLatents) },
      nodes: { type: 'string', default: '50' },
      random: { type: 'string' },
    },
  });
  const identityError = await identityErrors();
  const session = await openSession({ device: 'cpu' });
  const model = valueOf(await session.engine.model.open({ kind: 'demo' }));
  const saeIds = await transcodersOf(session, model, values);
  const kept = values.kept === undefined ? [] : readKept(values.kept);
  const tokens = Number(values.tokens);
  for (const [index, text] of await promptsOf(session, rangeOf(values.prompts), tokens)) {
    if (kept.some((one) => one.index === index)) continue;
    const request = { text, saeIds, options: { maxLatents: Number(values.features) } };
    const one = { index, ...(await measurePrompt(session, request, Number(values.nodes))) };
    kept.push(one);
    if (values.kept !== undefined) appendFileSync(values.kept, `${JSON.stringify(one)}\n`);
    if (!values.json) console.log(lineOf(one));
  }
  await session.close();
  console.log(JSON.stringify({ identityError, ...summaryOf(kept) }));
}

type Kept = Measured & { index: number };

function readKept(path: string): Kept[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Kept);
}

/** `N`: the first N; `A..B`: from A to B, counted from 1. */
function rangeOf(text: string): { from: number; to: number } {
  const [from, to] = text.includes('..') ? text.split('..').map(Number) : [1, Number(text)];
  if (from! >= 1 && to! >= from! && to! <= PROMPTS) return { from: from!, to: to! };
  throw new Error(`circuit: --prompts is a number or A..B of the ${PROMPTS}: ${text}`);
}

/** Means of all prompts. */
function summaryOf(found: readonly Kept[]) {
  const mean = (of: (one: Kept) => number | null) => {
    const known = found.map(of).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const meanOrder = (of: (one: Kept) => Order) => ({
    linear: mean((one) => of(one).linear),
    norms: mean((one) => of(one).norms),
    blocks: mean((one) => of(one).blocks),
    frozen: mean((one) => of(one).frozen),
    free: mean((one) => of(one).free),
    frozenToFree: mean((one) => of(one).frozenToFree),
  });
  return {
    identityErrorDemo: Math.max(...found.map((one) => one.identityError)),
    replacementScore: mean((one) => one.replacement),
    completenessScore: mean((one) => one.completeness),
    leftOut: mean((one) => one.leftOut),
    spearmanTop50: mean((one) => one.top.free),
    spearmanRandom: mean((one) => one.others.free),
    spearmanTop50Frozen: mean((one) => one.top.frozen),
    spearmanRandomFrozen: mean((one) => one.others.frozen),
    orders: {
      top: meanOrder((one) => one.top),
      others: meanOrder((one) => one.others),
      outside: meanOrder((one) => one.outside),
      difference: meanOrder((one) => one.difference),
    },
    signsTop50: mean((one) => one.signs.free),
    signsTop50Frozen: mean((one) => one.signs.frozen),
    secondsPerGraph: mean((one) => one.seconds),
    cpuSecondsPerGraph: mean((one) => one.cpuSeconds),
    rowsPerGraph: mean((one) => one.rows),
    secondsPerEffect: mean((one) => one.effectSeconds),
    prompts: found.length,
    tokens: mean((one) => one.tokens),
  };
}

/** Random models of every revision, through the f32 kernels. */
async function identityErrors(): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const revision of NANOCHAT_REVISIONS) {
    const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, { ...revision, shortWindow: () => 8 }, 1);
    const frozen = await frozenCase(checkpoint, randomTokens(24, FOUR_LAYERS.vocab_size, 2));
    const products = await createRowProducts((all) => createCpuProducts(all, null), frozen);
    errors[revision.name] = (await buildGraph(frozen, GRAPH_OPTIONS, { products })).identityError;
    products.dispose();
  }
  return errors;
}

async function transcodersOf(
  session: Session,
  model: Parameters<typeof openTranscoders>[1],
  o: { transcoders?: string | undefined; random?: string | undefined },
): Promise<string[]> {
  if (o.transcoders !== undefined) {
    const opened = await openTranscoders(session, model, o.transcoders);
    return opened.map(({ saeId }) => saeId);
  }
  if (o.random !== undefined) {
    const saeIds: string[] = [];
    for (let layer = 0; layer < model.n_layer; layer++) {
      const shape = { d_in: model.n_embd, d_sae: Number(o.random), k: 4 };
      const params = makeSaeParams({ seed: layer, ...shape, applyBDecToInput: false });
      const files = transcoderFiles(params, layer);
      saeIds.push(valueOf(await session.engine.sae.import(files)).saeId);
    }
    return saeIds;
  }
  const shipped = valueOf(await session.engine.sae.openDemoTranscoders());
  return shipped.map(({ saeId }) => saeId);
}
