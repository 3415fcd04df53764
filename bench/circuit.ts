// npm run bench -- circuit [--json] [--transcoders FOLDER] [--prompts N] [--skip N] [--tokens N] [--features N] [--nodes N] [--random N]
// Attribution graphs of the demo model through the product's own engine on the processor: how exact they are for every
// revision, how much they explain, whether the features that they name do what the graph predicts, and what a graph
// costs. FOLDER: transcoders of every block, as `nanoscope train` writes them; without it those of the demo. --random:
// random transcoders of that many latents instead, which only show that the command works. --nodes: features that are
// switched off per prompt, of the most influential ones and as many others; 0: none. --skip: prompts left out, so that a
// long measurement can be made in parts.
import { parseArgs } from 'node:util';
import { predictedChanges } from '../src/core/circuits/attributionGraph';
import { buildGraph, GRAPH_OPTIONS } from '../src/core/circuits/buildGraph';
import { nodeInfluence } from '../src/core/circuits/graphScores';
import { makeRng } from '../src/core/numeric/rng';
import type { Circuit } from '../src/engine/circuits/api';
import { createRowProducts } from '../src/engine/circuits/rowProducts';
import { createCpuProducts } from '../src/cpu/circuits/cpuProducts';
import { NANOCHAT_REVISIONS } from '../src/formats/model/nanochatRevision';
import { openTranscoders } from '../src/node/circuits';
import { openSession, valueOf, type Session } from '../src/node/session';
import { makeSaeParams } from '../tests/helpers/cases';
import { frozenCase } from '../tests/helpers/circuits/frozenCase';
import { transcoderFiles } from '../tests/helpers/circuits/transcoderFiles';
import {
  FOUR_LAYERS,
  makeRandomCheckpoint,
  randomTokens,
} from '../tests/helpers/model/modelRandom';
import { readFileSync } from 'node:fs';

const SEED = 3;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      transcoders: { type: 'string' },
      prompts: { type: 'string', default: '20' },
      skip: { type: 'string', default: '0' },
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
  const found: Measured[] = [];
  const asked = {
    prompts: Number(values.prompts),
    tokens: Number(values.tokens),
    skip: Number(values.skip),
  };
  for (const text of await promptsOf(session, asked)) {
    const request = { text, saeIds, options: { maxLatents: Number(values.features) } };
    const one = await measure(session, request, Number(values.nodes));
    found.push(one);
    if (!values.json) console.log(lineOf(one));
  }
  await session.close();
  const mean = (of: (one: Measured) => number) =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length;
  const result = {
    identityError,
    identityErrorDemo: Math.max(...found.map(({ circuit }) => circuit.graph.identityError)),
    replacementScore: mean(({ circuit }) => circuit.scores.replacement),
    completenessScore: mean(({ circuit }) => circuit.scores.completeness),
    leftOut: mean(({ circuit }) => circuit.graph.leftOut),
    spearmanTop50: mean(({ top }) => top),
    spearmanRandom: mean(({ random }) => random),
    signsTop50: mean(({ signs }) => signs),
    secondsPerGraph: mean(({ seconds }) => seconds),
    cpuSecondsPerGraph: mean(({ cpuSeconds }) => cpuSeconds),
    secondsPerEffect: mean(({ effectSeconds }) => effectSeconds),
    prompts: found.length,
    tokens: mean(({ circuit }) => circuit.tokens.length),
  };
  console.log(JSON.stringify(result));
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

/** Beginnings of documents of the demo's text that are long enough, spread over all of it. */
async function promptsOf(
  session: Session,
  { prompts, tokens, skip }: { prompts: number; tokens: number; skip: number },
): Promise<string[]> {
  const lines = readFileSync('public/demo/corpus.jsonl', 'utf8').trim().split('\n');
  // Far more characters than tokens: a short text is no candidate.
  const long = lines
    .map((line) => (JSON.parse(line) as { text: string }).text)
    .filter((text) => text.length > 6 * tokens);
  const found: string[] = [];
  for (let i = skip; i < prompts; i++) {
    const text = long[Math.floor(((i + 0.5) / prompts) * long.length)]!;
    // One token is <|bos|>.
    const own = (await session.engine.model.tokenize(text)).filter(({ isSpecial }) => !isSpecial);
    found.push(
      own
        .slice(0, tokens - 1)
        .map((token) => token.text)
        .join(''),
    );
  }
  return found;
}

type Measured = {
  circuit: Circuit;
  seconds: number;
  cpuSeconds: number;
  effectSeconds: number;
  /** rank correlation of predicted and real change of the likeliest logit */
  top: number;
  random: number;
  /** share of the top ones whose change has the predicted sign */
  signs: number;
};

async function measure(
  { engine }: Session,
  request: Parameters<typeof engine.circuits.trace>[0],
  count: number,
): Promise<Measured> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const circuit = valueOf(await engine.circuits.trace(request));
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6;
  const { graph } = circuit;
  const predicted = predictedChanges(graph, 0);
  const { top, random } = chooseNodes(circuit, count);
  const nodes = [...top, ...random];
  const before = performance.now();
  const effects = valueOf(
    await engine.circuits.effects({
      tokenIds: Array.from(graph.tokenIds),
      latents: nodes.map((at) => {
        const node = graph.nodes[at]!;
        if (node.kind !== 'latent') throw new Error('circuit: a latent');
        const { layer, latentIndex, position } = node;
        return { saeId: circuit.saeIds[layer]!, latentIndex, position };
      }),
      logits: circuit.logits.slice(0, 1).map(({ token }) => {
        return { tokenId: token.tokenId, against: null };
      }),
    }),
  );
  const real = effects.map(({ changes }) => changes[0]!);
  const ofNodes = nodes.map((at) => predicted[at]!);
  const split = top.length;
  const signs = top.filter((_, i) => Math.sign(real[i]!) === Math.sign(ofNodes[i]!)).length;
  return {
    circuit,
    seconds,
    cpuSeconds,
    effectSeconds: (performance.now() - before) / 1000 / Math.max(1, nodes.length),
    top: spearman(ofNodes.slice(0, split), real.slice(0, split)),
    random: spearman(ofNodes.slice(split), real.slice(split)),
    signs: signs / Math.max(1, split),
  };
}

/** The latents with most influence, and for each of them another of the graph with the nearest activation. */
function chooseNodes({ graph }: Circuit, count: number): { top: number[]; random: number[] } {
  const influence = nodeInfluence(graph);
  const act = (at: number) => {
    const node = graph.nodes[at]!;
    return node.kind === 'latent' ? node.act : 0;
  };
  const latents = [...graph.nodes.keys()].filter((at) => graph.nodes[at]!.kind === 'latent');
  latents.sort((a, b) => influence[b]! - influence[a]!);
  const top = latents.slice(0, count);
  // Shuffled, so that among equals chance decides.
  const rest = latents.slice(count);
  const rng = makeRng(SEED);
  for (let i = rest.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  const random = top.slice(0, rest.length).map((at) => {
    const distance = (other: number) => Math.abs(act(other) - act(at));
    const nearest = rest.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    rest.splice(rest.indexOf(nearest), 1);
    return nearest;
  });
  return { top, random };
}

function spearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) => {
    const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
    const out = new Float64Array(values.length);
    order.forEach((index, rank) => (out[index] = rank));
    return out;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (x.length - 1) / 2;
  let [xy, xx] = [0, 0];
  x.forEach((rank, i) => {
    xy += (rank - middle) * (y[i]! - middle);
    xx += (rank - middle) ** 2;
  });
  return xx === 0 ? 0 : xy / xx;
}

function lineOf({ circuit, seconds, cpuSeconds, top, random, signs }: Measured): string {
  const { scores, graph, tokens, logits } = circuit;
  const share = (value: number) => value.toFixed(3);
  return [
    `${JSON.stringify(logits[0]!.token.text)} after ${tokens.length} tokens`,
    `replacement ${share(scores.replacement)} completeness ${share(scores.completeness)}`,
    `left out ${share(graph.leftOut)} identity ${graph.identityError.toExponential(1)}`,
    `spearman ${share(top)} random ${share(random)} signs ${share(signs)}`,
    `${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU s`,
  ].join(' · ');
}
