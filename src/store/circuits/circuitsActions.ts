// Intents of the Circuits screen: trace a graph, arrange it, check it against the model, compare it with other texts'.
import type { PruneOptions } from '../../core/circuits/graphScores';
import type { GraphOptions } from '../../core/circuits/buildGraph';
import { elementAt } from '../../core/elementAt';
import type { ShownNode } from '../../core/circuits/shownGraph';
import { hookPoint, type HookPoint } from '../../core/activations/hookPoint';
import type { Circuit } from '../../engine/circuits/api';
import type { Outcome } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { loadableOf } from '../loadable';
import { bugProblem, settle } from '../problems';
import { makeArrangeActions } from './arrangeActions';
import { makeCheckActions } from './checkActions';
import { circuitJson } from './circuitJson';
import { tracingBlock, transcodersOfModel } from './circuitsSelectors';
import { FIRST_CIRCUITS, type CircuitsState } from './circuitsState';

/** What tracing needs of other capabilities. */
type Others = {
  train: {
    form: { trainOn: (hook: HookPoint) => void; choosePlace: (hook: HookPoint | null) => void };
  };
  statistics: { cards: { want: (saeId: string, latentIndex: number) => void } };
  explore: { selectLatentOf: (saeId: string, latentIndex: number) => void };
};

export function makeCircuitsActions(context: StoreContext, others: Others) {
  const { api, get, patch, jobs } = context;

  const set = (change: Partial<CircuitsState>) => patch('circuits', change);

  /** The transcoders of the open model; the demo's are fetched when they are first asked for. */
  async function transcoders(): Promise<string[] | null> {
    const here = transcodersOfModel(get());
    if (here !== null) return here.map(({ saeId }) => saeId);
    if (get().model.open?.isDemo !== true) return null;
    const outcome = await settle(api.sae.openDemoTranscoders());
    set({ problem: outcome.ok ? null : outcome.problem });
    return outcome.ok ? outcome.value.map(({ saeId }) => saeId) : null;
  }

  async function traceText(text: string): Promise<Outcome<Circuit> | null> {
    const saeIds = await transcoders();
    if (saeIds === null) return null;
    const target = await targetOf(context, text);
    if (!target.ok) return target;
    return jobs.run('circuit', (jobId) =>
      settle(api.circuits.trace({ text, saeIds, options: { target: target.value } }, jobId)),
    );
  }

  async function trace(): Promise<void> {
    if (tracingBlock(get()) !== null) return;
    const { prompt, of } = get().circuits;
    const isSameText = prompt === of;
    set({
      ...(isSameText ? {} : { arrangement: FIRST_CIRCUITS.arrangement, past: [], future: [] }),
      circuit: { status: 'loading' },
      selected: isSameText ? get().circuits.selected : null,
      effects: {},
      check: { status: 'empty' },
      others: { status: 'empty' },
      beside: null,
      isAwaited: false,
    });
    await showTraced(prompt);
  }

  async function showTraced(prompt: string): Promise<void> {
    const outcome = await traceText(prompt);
    set({ circuit: outcome === null ? { status: 'empty' } : loadableOf(outcome), of: prompt });
    if (outcome?.ok !== true) return;
    for (const node of outcome.value.graph.nodes) {
      if (node.kind !== 'latent') continue;
      const saeId = elementAt(outcome.value.saeIds, node.layer);
      others.statistics.cards.want(saeId, node.latentIndex);
    }
    await loadGuesses(outcome.value.saeIds);
  }

  async function loadGuesses(saeIds: readonly string[]): Promise<void> {
    for (const saeId of new Set(saeIds)) {
      if (get().circuits.guesses[saeId] !== undefined) continue;
      try {
        const guesses = await api.statistics.labelGuesses(saeId);
        set({ guesses: { ...get().circuits.guesses, [saeId]: guesses } });
      } catch (cause) {
        set({ problem: bugProblem(cause) });
      }
    }
  }

  return {
    setForm: (change: Partial<Pick<CircuitsState, 'prompt' | 'target' | 'token' | 'against'>>) =>
      set(change),
    trace,
    cancel: () => jobs.cancel('circuit'),
    /** The link's graph, once model and SAEs are there. */
    traceAwaited: () => {
      // Whoever changed the state may have been told before this was done.
      if (!get().circuits.isAwaited || tracingBlock(get()) !== null) return;
      void trace();
    },
    trainTranscoders: () => {
      others.train.form.trainOn(hookPoint(0, 'ln2.hook_normalized'));
      others.train.form.choosePlace(null);
    },
    setPrune: (change: Partial<PruneOptions>) =>
      set({ prune: { ...get().circuits.prune, ...change } }),
    /** Opens a feature's dashboard beside the graph. */
    select: (node: ShownNode | null) => {
      set({ selected: node?.id ?? null });
      const { circuit } = get().circuits;
      if (node === null || node.group !== null || circuit.status !== 'ready') return;
      const found = elementAt(circuit.value.graph.nodes, elementAt(node.members, 0));
      if (found.kind !== 'latent') return;
      others.explore.selectLatentOf(
        elementAt(circuit.value.saeIds, found.layer),
        found.latentIndex,
      );
    },
    /** null without a graph */
    exportJson: async (): Promise<Outcome<Blob> | null> => {
      const { circuit } = get().circuits;
      if (circuit.status !== 'ready') return null;
      return settle(api.circuits.exportJson(circuitJson(get(), circuit.value)));
    },
    arrange: makeArrangeActions(context),
    check: makeCheckActions(context, traceText),
  };
}

/** A word stands after a space in running text, which belongs to its token. */
async function targetOf(
  { api, get }: StoreContext,
  prompt: string,
): Promise<Outcome<GraphOptions['target']>> {
  const { target, token, against } = get().circuits;
  if (target === 'likeliest') return { ok: true, value: { kind: 'likeliest' } };
  const found: number[] = [];
  for (const text of target === 'token' ? [token] : [token, against]) {
    const spaced = /\s$/.test(prompt) || /^\s/.test(text) ? [text] : [` ${text}`, text];
    const read = await Promise.all(spaced.map((one) => api.model.tokenize(one)));
    const single = read.find((tokens) => tokens.length === 1)?.[0];
    if (single === undefined)
      return notOneToken(
        text,
        elementAt(read, 0).map((one) => one.text),
      );
    found.push(single.tokenId);
  }
  const [tokenId = 0, other = 0] = found;
  const value: GraphOptions['target'] =
    target === 'token'
      ? { kind: 'token', tokenId }
      : { kind: 'difference', tokenId, against: other };
  return { ok: true, value };
}

function notOneToken(text: string, pieces: readonly string[]): Outcome<never> {
  const written = pieces.map((piece) => `“${piece}”`).join(', ');
  return {
    ok: false,
    problem: {
      kind: 'config',
      what: `“${text}” is ${pieces.length} tokens for this model: ${written}.`,
      wayOut: 'Name a word that is one token, or the first of these.',
      field: 'target',
    },
  };
}
