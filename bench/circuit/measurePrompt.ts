// One prompt's graph held against the model: its scores, its cost, and in which order features matter by the graph and by
// reruns in which ever more of the model is free to answer.
import { readFileSync } from 'node:fs';
import { predictedChanges } from '../../src/core/circuits/attributionGraph';
import type { FrozenModel } from '../../src/core/circuits/frozenModel';
import { nodeInfluence } from '../../src/core/circuits/graphScores';
import { removalEffects, type Held, type Removal } from '../../src/core/circuits/removalEffects';
import { rankCorrelation } from '../../src/core/numeric/rankCorrelation';
import { makeRng } from '../../src/core/numeric/rng';
import { decoderRow } from '../../src/core/sae/latentWeights';
import type { Circuit, CircuitRequest } from '../../src/engine/circuits/api';
import { promptPass } from '../../src/engine/circuits/nodeEffects';
import { freezePrompt } from '../../src/engine/circuits/traceCircuit';
import { valueOf, type Session } from '../../src/engine/session';

export const PROMPTS = 20;
const SEED = 3;

/** Spearman's ρ of the graph's prediction and a rerun; null: fewer than three. */
export type Order = {
  /** everything held, features without a row of their own in it too */
  linear: number | null;
  /** attention patterns, gates and norm scales held, MLPs free */
  norms: number | null;
  /** the same with the last norm free */
  blocks: number | null;
  /** attention patterns held */
  frozen: number | null;
  /** nothing held */
  free: number | null;
  /** of the last two with one another */
  frozenToFree: number | null;
};

export type Measured = {
  /** the likeliest next token */
  says: string;
  tokens: number;
  replacement: number;
  completeness: number;
  leftOut: number;
  identityError: number;
  rows: number;
  seconds: number;
  cpuSeconds: number;
  effectSeconds: number;
  /** most influence; others of the graph with the nearest activations; active features outside it, likewise */
  top: Order;
  others: Order;
  outside: Order;
  /** of the top ones: change of the likeliest token's logit less that of the second; all null without one */
  difference: Order;
  /** share of the top ones whose change has the predicted sign */
  signs: { free: number | null; frozen: number | null };
};

/** Beginnings of documents of the demo's text that are long enough, spread over all of it, by their number. */
export async function promptsOf(
  session: Session,
  { from, to }: { from: number; to: number },
  tokens: number,
): Promise<Map<number, string>> {
  const lines = readFileSync('public/demo/corpus.jsonl', 'utf8').trim().split('\n');
  // Far more characters than tokens: a short text is no candidate.
  const long = lines
    .map((line) => (JSON.parse(line) as { text: string }).text)
    .filter((text) => text.length > 6 * tokens);
  const found = new Map<number, string>();
  for (let index = from; index <= to; index++) {
    const text = long[Math.floor(((index - 0.5) / PROMPTS) * long.length)]!;
    // One token is <|bos|>.
    const own = (await session.engine.model.tokenize(text)).filter(({ isSpecial }) => !isSpecial);
    const first = own.slice(0, tokens - 1).map((token) => token.text);
    found.set(index, first.join(''));
  }
  return found;
}

export async function measurePrompt(
  session: Session,
  request: CircuitRequest,
  count: number,
): Promise<Measured> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const circuit = valueOf(await session.engine.circuits.trace(request));
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  const { graph, scores } = circuit;
  const frozen = await frozenOf(session, circuit);
  const chosen = chooseLatents(circuit, frozen, count);
  const all = [...chosen.top, ...chosen.others, ...chosen.outside];
  const before = performance.now();
  const changes = await changesOf(session, { circuit, frozen, latents: all });
  const effectSeconds = (performance.now() - before) / 1000 / Math.max(1, all.length);
  const of = (latents: readonly number[]) =>
    orderOf(latents.map((latent) => changes[all.indexOf(latent)]![0]!));
  const top = changes.slice(0, chosen.top.length).map(([likeliest]) => likeliest!);
  const differences = changes
    .slice(0, chosen.top.length)
    .flatMap(([, difference]) => difference ?? []);
  const signs = (real: (one: Changes) => number) =>
    top.length === 0
      ? null
      : top.filter((one) => Math.sign(real(one)) === Math.sign(one.predicted)).length / top.length;
  return {
    says: circuit.logits[0]!.token.text,
    tokens: circuit.tokens.length,
    ...scores,
    leftOut: graph.leftOut,
    identityError: graph.identityError,
    rows: graph.targets.length,
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    effectSeconds,
    top: of(chosen.top),
    others: of(chosen.others),
    outside: of(chosen.outside),
    difference: orderOf(differences),
    signs: { free: signs(({ free }) => free), frozen: signs((one) => one.frozen) },
  };
}

const QUIET = { step: () => Promise.resolve() };

async function frozenOf({ hosts }: Session, { graph, saeIds }: Circuit): Promise<FrozenModel> {
  const transcoders = await Promise.all(saeIds.map((saeId) => hosts.library.get(saeId)));
  const opened = hosts.modelHost.current();
  return freezePrompt(hosts, { opened, transcoders, tokenIds: graph.tokenIds }, QUIET);
}

/** Of one logit. */
type Changes = {
  predicted: number;
  linear: number;
  norms: number;
  blocks: number;
  frozen: number;
  free: number;
};

async function changesOf(
  { engine, hosts }: Session,
  o: { circuit: Circuit; frozen: FrozenModel; latents: readonly number[] },
): Promise<Changes[][]> {
  const { circuit, frozen } = o;
  const { graph, saeIds } = circuit;
  const latents = o.latents.map((index) => frozen.latents[index]!);
  // Of the likeliest token, and of that against the second, where the graph has one.
  const [first, second] = circuit.logits.map(({ token }) => token.tokenId);
  const logits = [null, ...(second === undefined ? [] : [second])].map((against) => ({
    tokenId: first!,
    against,
  }));
  const real = valueOf(
    await engine.circuits.effects({
      tokenIds: Array.from(graph.tokenIds),
      latents: latents.map(({ layer, latentIndex, position }) => {
        return { saeId: saeIds[layer]!, latentIndex, position };
      }),
      logits,
    }),
  );
  const removals = latents.map(({ layer, position, latentIndex, act }): Removal => {
    const direction = decoderRow(frozen.layers[layer]!.transcoder, latentIndex);
    return { layer, position, written: direction.map((value) => act * value) };
  });
  const pass = await promptPass(hosts, graph.tokenIds, QUIET);
  const held = (what: Held) => removalEffects(pass, { removals, logits }, what);
  const [linear, norms] = [await held({ features: frozen }), await held('norms')];
  const blocks = await held('blocks');
  const ofFirst = predictedChanges(graph, 0);
  const ofSecond = logits.length === 1 ? ofFirst : predictedChanges(graph, 1);
  const predicted = [ofFirst, ofFirst.map((value, node) => value - ofSecond[node]!)];
  const nodes = nodesByLatent(circuit);
  return latents.map((latent, i) => {
    const node = nodes.get(keyOf(latent));
    return logits.map((_, logit) => ({
      // Outside the graph it is what the graph would say if it had a row for every feature.
      predicted: node === undefined ? linear[i]![logit]! : predicted[logit]![node]!,
      linear: linear[i]![logit]!,
      norms: norms[i]![logit]!,
      blocks: blocks[i]![logit]!,
      frozen: real[i]!.frozen[logit]!,
      free: real[i]!.free[logit]!,
    }));
  });
}

function orderOf(changes: readonly Changes[]): Order {
  const between = (a: keyof Changes, b: keyof Changes) =>
    rankCorrelation(
      changes.map((one) => one[a]),
      changes.map((one) => one[b]),
    );
  return {
    linear: between('predicted', 'linear'),
    norms: between('predicted', 'norms'),
    blocks: between('predicted', 'blocks'),
    frozen: between('predicted', 'frozen'),
    free: between('predicted', 'free'),
    frozenToFree: between('frozen', 'free'),
  };
}

type Place = { layer: number; position: number; latentIndex: number };

const keyOf = ({ layer, position, latentIndex }: Place) => `${layer} ${position} ${latentIndex}`;

function nodesByLatent({ graph }: Circuit): Map<string, number> {
  return new Map(
    graph.nodes.flatMap((node, at) => (node.kind === 'latent' ? [[keyOf(node), at] as const] : [])),
  );
}

/** Indices of latents of the frozen model: those with most influence, for each of them another of the graph with the
 *  nearest activation, and one outside the graph likewise. */
function chooseLatents(circuit: Circuit, { latents }: FrozenModel, count: number) {
  const influence = nodeInfluence(circuit.graph);
  const nodes = nodesByLatent(circuit);
  const nodeOf = (index: number) => nodes.get(keyOf(latents[index]!));
  const inside = [...latents.keys()].filter((index) => nodeOf(index) !== undefined);
  inside.sort((a, b) => influence[nodeOf(b)!]! - influence[nodeOf(a)!]!);
  const top = inside.slice(0, count);
  const outside = [...latents.keys()].filter((index) => nodeOf(index) === undefined);
  const nearest = (rest: number[]) => {
    // Shuffled, so that among equals chance decides.
    const rng = makeRng(SEED);
    for (let i = rest.length - 1; i > 0; i--) {
      const j = rng.below(i + 1);
      [rest[i], rest[j]] = [rest[j]!, rest[i]!];
    }
    return top.slice(0, rest.length).map((index) => {
      const act = latents[index]!.act;
      const distance = (other: number) => Math.abs(latents[other]!.act - act);
      const found = rest.reduce((best, other) => (distance(other) < distance(best) ? other : best));
      rest.splice(rest.indexOf(found), 1);
      return found;
    });
  };
  return { top, others: nearest(inside.slice(count)), outside: nearest(outside) };
}

export function lineOf(one: Measured): string {
  const share = (value: number | null) => value?.toFixed(3) ?? '–';
  const order = ({ linear, norms, blocks, frozen, free }: Order) =>
    [linear, norms, blocks, frozen, free].map(share).join(' ');
  return [
    `${JSON.stringify(one.says)} after ${one.tokens} tokens`,
    `replacement ${share(one.replacement)} completeness ${share(one.completeness)}`,
    `left out ${share(one.leftOut)} identity ${one.identityError.toExponential(1)}`,
    `top ${order(one.top)} others ${order(one.others)} outside ${order(one.outside)}`,
    `difference ${order(one.difference)}`,
    `signs ${share(one.signs.free)} ${one.seconds.toFixed(2)} s, ${one.cpuSeconds.toFixed(2)} CPU s`,
  ].join(' · ');
}
