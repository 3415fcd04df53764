// What an event tells, no command writes as well: the answer to a command and the event that it causes arrive in
// either order, and a change that was there already would be taken for none.
import { describe, expect, it } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { Outcome } from '../../../src/engine/shared/api';
import type { ModelFacts } from '../../../src/engine/model/api';
import type { AppActions } from '../../../src/store/actions';
import { createAppStore } from '../../../src/store/appStore';
import type { AppState } from '../../../src/store/state';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import {
  CORPUS,
  DEMO_SAE,
  MODEL,
  makeEngineDouble,
  runOf,
} from '../../helpers/engine/engineDouble';
import { makeTestEnvironment, settled } from '../../helpers/engine/testEnvironment';

const OTHER: ModelFacts = {
  ...MODEL,
  id: 'other~0123456789ab',
  name: 'other',
  hookPoints: [hookPoint(1, 'hook_resid_post')],
};

/** A store that hears only what the test says, with the demo model and SAE told. */
async function startStore(hash = '') {
  const engine = makeEngineDouble();
  const outside = makeTestEnvironment(hash);
  // The demo's opening is never answered: the test opens what it needs.
  engine.api.model.open.mockImplementationOnce(() => new Promise(() => undefined));
  const store = createAppStore(engine.api, outside.env);
  await store.start();
  await settled();
  engine.emit({ kind: 'model', model: MODEL }, { kind: 'saes', saes: [DEMO_SAE] });
  await settled();
  return { ...engine, ...outside, getState: store.getState, actions: store.actions };
}

/** An answer that the test gives. */
function openAnswer<T>() {
  let answer: (outcome: Outcome<T>) => void = () => undefined;
  const promise = new Promise<Outcome<T>>((resolve) => (answer = resolve));
  return { promise, answer };
}

describe('a model that opens', () => {
  it.each(['answer first', 'event first'])(
    'ends the old conversation, and Steer and Train follow it: %s',
    async (order) => {
      const { api, emit, actions, getState, advance } = await startStore(
        '#v=1&view=steer&sae=demo&steer=2:add:1max',
      );
      actions.generate.chat.setDraft('Hello');
      await actions.generate.chat.send();
      actions.generate.chat.setMode('chat');
      advance(1000);
      await settled();
      expect(getState().generate.chat.exchanges).toHaveLength(1);
      const checks = api.steer.check.mock.calls.length;
      const { promise, answer } = openAnswer<ModelFacts>();
      api.model.open.mockReturnValueOnce(promise);
      void actions.model.openKept('other');
      const tell = () => emit({ kind: 'model', model: OTHER });
      const reply = () => answer({ ok: true, value: OTHER });

      for (const step of order === 'answer first' ? [reply, tell] : [tell, reply]) {
        expect(getState().model.opening).toBe(true);
        step();
        await settled();
      }

      expect(getState().model).toMatchObject({ open: OTHER, opening: false });
      expect(getState().generate.chat).toMatchObject({ exchanges: [], chosenMode: null });
      expect(getState().train.form.hookPoint).toBe(OTHER.hookPoints[0]);
      expect(api.model.tokenize).toHaveBeenLastCalledWith(getState().model.tokenizer.text);
      advance(1000);
      await settled();
      expect(api.steer.check.mock.calls.length).toBe(checks + 1);
    },
  );

  it('is not yet there for an older one that is told while it opens', async () => {
    const { api, emit, actions, getState } = await startStore();
    const first = openAnswer<ModelFacts>();
    const second = openAnswer<ModelFacts>();
    api.model.open.mockReturnValueOnce(first.promise).mockReturnValueOnce(second.promise);
    void actions.model.openKept('first');
    void actions.model.openKept('second');
    first.answer({ ok: true, value: OTHER });
    emit({ kind: 'model', model: OTHER });
    await settled();
    expect(getState().model.opening).toBe(true);
    second.answer({ ok: true, value: MODEL });
    emit({ kind: 'model', model: MODEL });
    await settled();
    expect(getState().model).toMatchObject({ open: MODEL, opening: false });
  });
});

describe('a run that starts', () => {
  it('keeps the transport busy until it is told, and is held from then on', async () => {
    const { emit, actions, getState } = await startStore('#v=1&view=train');
    void actions.train.start();
    await settled();
    expect(getState().train).toMatchObject({ busy: true, shownRunId: 'run-1', runs: [] });
    emit({ kind: 'run', run: runOf(getState().train.form) });
    await settled();
    expect(getState().train).toMatchObject({ busy: false, heldRunIds: ['run-1'] });
  });

  it('is newer than the list of stored runs that was asked for before', async () => {
    const { api, emit, actions, getState } = await startStore('#v=1&view=train');
    const run = runOf(getState().train.form);
    let list: (runs: (typeof run)[]) => void = () => undefined;
    api.train.list.mockReturnValueOnce(new Promise((resolve) => (list = resolve)));
    void actions.train.queue.move('run-2', 1);
    await settled();
    emit({ kind: 'run', run: { ...run, phase: { kind: 'done' } } });
    list([run, { ...run, runId: 'run-2', phase: { kind: 'queued' } }]);
    await settled();
    expect(getState().train.runs.map(({ runId, phase }) => [runId, phase.kind])).toEqual([
      ['run-1', 'done'],
      ['run-2', 'queued'],
    ]);
  });
});

describe('an imported SAE', () => {
  it.each(['answer first', 'event first'])('is selected once it is listed: %s', async (order) => {
    const { api, emit, actions, getState } = await startStore('#v=1&view=explore&feature=3');
    const imported = { ...DEMO_SAE, saeId: 'mine~0123456789ab', origin: 'imported' as const };
    const { promise, answer } = openAnswer<typeof imported>();
    api.sae.import.mockReturnValueOnce(promise);
    void actions.sae.importFiles([]);
    const tell = () => emit({ kind: 'saes', saes: [DEMO_SAE, imported] });
    const reply = () => answer({ ok: true, value: imported });

    for (const step of order === 'answer first' ? [reply, tell] : [tell, reply]) {
      expect(getState().sae.selectedId).toBe(DEMO_SAE.saeId);
      step();
      await settled();
    }

    expect(getState().sae.selectedId).toBe(imported.saeId);
    expect(getState().explore.latentIndex, 'the open feature was of the other').toBeNull();
  });
});

/** Everything that an event tells in full. */
function told({ model, text, train, sae, steer }: AppState) {
  return {
    model: model.open,
    corpus: text.corpus,
    runs: train.runs,
    heldRunIds: train.heldRunIds,
    saes: sae.list,
    vectors: steer.vectors,
  };
}

const COMMANDS: [name: string, send: (actions: AppActions) => unknown][] = [
  ['opening a model', (actions) => actions.model.openKept('other')],
  ['opening a text', (actions) => actions.text.paste('other')],
  ['starting a run', (actions) => actions.train.start()],
  ['importing an SAE', (actions) => actions.sae.importFiles([])],
  ['deleting an SAE', (actions) => actions.sae.deleteSae(DEMO_SAE.saeId)],
  [
    'making a vector',
    (actions) =>
      actions.steer.vectors.make({
        kind: 'decoder',
        name: 'v',
        hook: hookPoint(1, 'hook_resid_post'),
        saeId: DEMO_SAE.saeId,
        latentIndex: 1,
      }),
  ],
];

it.each(COMMANDS)('%s changes by its answer nothing that an event tells', async (_, send) => {
  const { api, actions, getState } = await startStore('#v=1&view=train');
  api.model.open.mockResolvedValue({ ok: true, value: OTHER });
  api.text.open.mockResolvedValue({ ok: true, value: { ...CORPUS, id: 'other~1' } });
  api.train.start.mockResolvedValue({ ok: true, value: runOf(FIRST_TRAIN_FORM) });
  api.sae.list.mockResolvedValue([]);
  api.steer.makeVector.mockResolvedValue({
    ok: true,
    value: {
      vectorId: 'v-1',
      name: 'v',
      d_in: 256,
      hook: hookPoint(1, 'hook_resid_post'),
      norm: 1,
      origin: 'decoder',
    },
  });
  api.steer.listVectors.mockResolvedValue([]);
  const before = told(getState());
  void send(actions);
  await settled();
  const after = told(getState());
  for (const key of Object.keys(before) as (keyof typeof before)[]) {
    expect(after[key], key).toBe(before[key]);
  }
});
