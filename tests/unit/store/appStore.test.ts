// The store by its state: links, events, commands. No DOM, no React, no engine.
import { describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../../src/engine/api';
import { createAppStore, whenOpened, type AppStore } from '../../../src/store/appStore';
import { FIRST_TRAIN_FORM } from '../../../src/store/train/trainState';
import { heldRun, trainingBlock } from '../../../src/store/train/trainSelectors';
import {
  DEMO_SAE,
  MODEL,
  makeEngineDouble,
  problem,
  runOf,
  type EngineAnswers,
} from '../../helpers/engine/engineDouble';
import { tellingEngine } from '../../helpers/engine/tellingEngine';
import { makeTestEnvironment, settled } from '../../helpers/engine/testEnvironment';

async function startStore(hash = '', over: EngineAnswers = {}) {
  const engine = makeEngineDouble(over);
  const outside = makeTestEnvironment(hash);
  const store = createAppStore(tellingEngine(engine), outside.env);
  await store.start();
  await settled();
  return { ...engine, ...outside, ...store };
}

describe('links', () => {
  it('opens the latent a link names, by exact id, by name and as demo', async () => {
    for (const sae of [DEMO_SAE.saeId, 'demo-l1', 'demo']) {
      const { getState } = await startStore(`#v=1&view=explore&sae=${sae}&feature=12`);
      const { shell, sae: saes, explore } = getState();
      expect(shell.view).toBe('explore');
      expect(saes.selectedId).toBe(DEMO_SAE.saeId);
      expect(explore.latentIndex).toBe(12);
      expect(explore.dashboard).toMatchObject({
        status: 'ready',
        value: { row: { latentIndex: 12 } },
      });
    }
  });

  it('says which SAE is missing and shows the demo instead, without the latent', async () => {
    const { getState } = await startStore('#v=1&view=feature&sae=theirs~0123456789ab&feature=12');
    const { shell, sae, explore } = getState();
    expect(shell.notice).toContain('theirs~0123456789ab');
    expect(sae.selectedId).toBe(DEMO_SAE.saeId);
    expect(explore.latentIndex).toBeNull();
  });

  it('writes the address 300 ms after the last change, and keeps unknown keys', async () => {
    const { actions, advance, world } = await startStore('#v=1&view=explore&sae=demo&xy=1');
    advance(1000);
    actions.explore.selectLatent(3);
    advance(200);
    actions.explore.selectLatent(4);
    advance(299);
    expect(world.hash).not.toContain('feature=');
    advance(1);
    expect(world.hash).toBe(
      `#v=1&view=feature&sae=${encodeURIComponent(DEMO_SAE.saeId).replace('%7E', '~')}&feature=4&xy=1`,
    );
  });

  it('writes the address at once when the page is left, and only what is not written yet', async () => {
    const { actions, advance, world, hide } = await startStore('#v=1&view=explore&sae=demo');
    advance(1000);
    actions.explore.selectLatent(3);
    expect(world.hash).not.toContain('feature=');
    expect(world.plannedHash, 'for a reload').toContain('&feature=3');
    hide();
    expect(world.hash).toContain('&feature=3');
    world.hash = '#typed';
    hide();
    advance(1000);
    expect(world.hash).toBe('#typed');
  });

  it('follows a hash that somebody else changed', async () => {
    const { getState, visit } = await startStore();
    visit('#v=1&view=steer&sae=demo&steer=7:add:-1.5max&prompt=Hi+there&seed=9');
    await settled();
    const { shell, steer } = getState();
    expect(shell.view).toBe('steer');
    expect(steer).toMatchObject({
      saeId: DEMO_SAE.saeId,
      setup: {
        slots: [
          {
            target: { kind: 'latent', saeId: DEMO_SAE.saeId, latentIndex: 7 },
            dial: { mode: 'add', unit: 'max', value: -1.5, isMuted: false },
          },
        ],
      },
      form: { prompt: 'Hi there', seed: 9 },
    });
    expect(steer.dashboards[`${DEMO_SAE.saeId}/7`]?.status).toBe('ready');
  });

  it('leaves a plain address plain on a first visit', async () => {
    const { advance, world } = await startStore();
    advance(5000);
    expect(world.hash).toBe('');
  });
});

describe('model', () => {
  it('opens the demo at once, but asks first where data is saved', async () => {
    const { api } = await startStore();
    expect(api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'demo' });

    const engine = makeEngineDouble();
    const { env } = makeTestEnvironment();
    const store = createAppStore(tellingEngine(engine), { ...env, savesData: true });
    await store.start();
    await settled();
    expect(engine.api.model.open).not.toHaveBeenCalled();
    expect(store.getState().model.waitsForConsent).toBe(true);
  });

  it('opens it once the page is there and idle, and not over what somebody opened before', async () => {
    const start = async (meanwhile: (store: AppStore) => void) => {
      const engine = makeEngineDouble();
      let becomeIdle = () => {};
      const whenIdle = () => new Promise<void>((resolve) => (becomeIdle = resolve));
      const { env } = makeTestEnvironment();
      const store = createAppStore(tellingEngine(engine), { ...env, whenIdle });
      await store.start();
      await settled();
      expect(engine.api.model.open).not.toHaveBeenCalled();
      meanwhile(store);
      becomeIdle();
      await settled();
      return engine.api.model.open.mock.calls.map(([source]) => source);
    };
    expect(await start(() => {})).toEqual([{ kind: 'demo' }]);
    const kept = { kind: 'kept', id: 'mine~1' };
    expect(await start((store) => void store.actions.model.openKept('mine~1'))).toEqual([kept]);
  });

  it('is ready once it is open and warm, or asks for somebody', async () => {
    const isReady = async (events: EngineEvent[], savesData = false) => {
      const engine = makeEngineDouble({ model: { open: () => new Promise(() => undefined) } });
      const { env } = makeTestEnvironment();
      const store = createAppStore(tellingEngine(engine), { ...env, savesData });
      let isOver = false;
      void whenOpened(store).then(() => (isOver = true));
      await store.start();
      await settled();
      engine.emit(...events);
      await settled();
      return isOver;
    };
    const model = { kind: 'model', model: MODEL } as const;
    const progress = { kind: 'runtime', phase: '', done: 0, total: null, unit: 'steps' } as const;
    const warming = { kind: 'progress', jobId: -1, progress } as const;
    expect(await isReady([])).toBe(false);
    expect(await isReady([model, warming])).toBe(false);
    expect(await isReady([model])).toBe(true);
    expect(await isReady([], true)).toBe(true);
  });

  it('opens what was open before the reload, and the demo where that is gone (7.9)', async () => {
    const engine = makeEngineDouble();
    const { env, settings } = makeTestEnvironment();
    settings.set('open-sae', 'mine~1');
    settings.set('open-model', 'mine~2');
    const mine = { ...DEMO_SAE, saeId: 'mine~1', name: 'mine', origin: 'trained' as const };
    engine.api.sae.list.mockResolvedValue([DEMO_SAE, mine]);
    const store = createAppStore(tellingEngine(engine), env);
    await store.start();
    await settled();
    expect(engine.api.model.open.mock.calls[0]?.[0]).toEqual({ kind: 'kept', id: 'mine~2' });
    expect(store.getState().sae.selectedId).toBe('mine~1');
    store.actions.explore.selectSae(DEMO_SAE.saeId);
    expect(settings.get('open-sae')).toBe(DEMO_SAE.saeId);

    settings.set('open-model', 'mine~2');
    const gone = makeEngineDouble();
    gone.api.model.open.mockResolvedValueOnce({ ok: false, problem: problem('gone', 'Import it') });
    const later = createAppStore(tellingEngine(gone), env);
    await later.start();
    await settled();
    expect(gone.api.model.open.mock.lastCall?.[0]).toEqual({ kind: 'demo' });
    expect(later.getState().shell.notice).toContain('mine~2');
  });

  it('opens what the link names before what was open', async () => {
    for (const [ref, source] of [
      ['demo', { kind: 'demo' }],
      ['theirs~3', { kind: 'kept', id: 'theirs~3' }],
    ] as const) {
      const engine = makeEngineDouble();
      const { env, settings, world } = makeTestEnvironment();
      settings.set('open-model', 'mine~2');
      world.hash = `#v=1&view=explore&model=${ref}`;
      await createAppStore(tellingEngine(engine), env).start();
      await settled();
      expect(engine.api.model.open.mock.calls.map(([first]) => first)).toEqual([source]);
    }
  });

  it('keeps the open model when another fails to open', async () => {
    const { actions, getState, api } = await startStore();
    api.model.open.mockResolvedValueOnce({
      ok: false,
      problem: problem('cut short', 'Copy again'),
    });
    await actions.model.openFiles([]);
    expect(getState().model).toMatchObject({
      open: MODEL,
      opening: false,
      problem: { what: 'cut short' },
    });
  });

  it('shows only the answer to the last text typed', async () => {
    const answers: ((tokens: []) => void)[] = [];
    const { actions, getState, advance, api } = await startStore();
    api.model.tokenize.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    actions.model.tokenizer.setText('a');
    advance(30);
    actions.model.tokenizer.setText('ab');
    advance(30);
    const before = getState().model.tokenizer.tokens;
    answers[0]?.([]);
    await settled();
    expect(getState().model.tokenizer.tokens).toBe(before);
    answers[1]?.([]);
    await settled();
    expect(getState().model.tokenizer.tokens).toEqual([]);
  });
});

describe('training', () => {
  it('replaces points that a resumed run tells again', async () => {
    const { getState, emit } = await startStore();
    const point = (step: number, loss: number) => ({
      step,
      tokens: step,
      loss,
      l0: 1,
      explainedVariance: 0,
      deadFraction: 0,
      auxLoss: 0,
    });
    emit({ kind: 'points', runId: 'run-1', points: [point(1, 9), point(2, 9), point(3, 9)] });
    emit({ kind: 'points', runId: 'run-1', points: [point(2, 5), point(3, 4)] });
    const told = getState().train.points['run-1'] ?? [];
    expect(told.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 9],
      [2, 5],
      [3, 4],
    ]);
  });

  it('holds a started run until it ends, and lets no second one start', async () => {
    const { getState, actions, emit } = await startStore('#v=1&view=train');
    const form = {
      ...FIRST_TRAIN_FORM,
      hookPoint: MODEL.hookPoints[0] ?? FIRST_TRAIN_FORM.hookPoint,
    };
    actions.train.form.set(form);
    await actions.train.start();
    expect(heldRun(getState())?.runId).toBe('run-1');
    expect(trainingBlock(getState())).toContain('stop it');
    emit({ kind: 'run', run: runOf(form, { phase: { kind: 'done' } }) });
    expect(heldRun(getState())).toBeNull();
    expect(trainingBlock(getState())).toBeNull();
    expect(getState().shell.announcement.text).toBe('Training is done.');
  });

  it('asks for a checkpoint when the page is hidden, only while training', async () => {
    const { actions, api, hide } = await startStore('#v=1&view=train');
    hide();
    expect(api.train.saveSoon).not.toHaveBeenCalled();
    await actions.train.start();
    hide();
    expect(api.train.saveSoon).toHaveBeenCalledOnce();
  });

  it('shows a rejected command as a problem with a way out', async () => {
    const { actions, getState, api } = await startStore();
    api.train.start.mockRejectedValueOnce(new Error('worker gone'));
    await actions.train.start();
    const { train } = getState();
    expect(train.busy).toBe(false);
    expect(train.problem?.what).toContain('worker gone');
    expect(train.problem?.wayOut).toBe('Reload the page; saved runs and SAEs are kept.');
  });
});

describe('statistics', () => {
  it('follows previews: rows are read again when more tokens are counted', async () => {
    const { emit, api } = await startStore('#v=1&view=explore');
    expect(api.statistics.rows).toHaveBeenCalledTimes(1);
    emit({ kind: 'saes', saes: [DEMO_SAE] });
    await settled();
    expect(api.statistics.rows).toHaveBeenCalledTimes(1);
    emit({ kind: 'saes', saes: [{ ...DEMO_SAE, statisticsTokens: 20_000 }] });
    await settled();
    expect(api.statistics.rows).toHaveBeenCalledTimes(2);
  });
});

describe('steering', () => {
  it('sends a moved strength while text streams, one command at a time, the newest last', async () => {
    const { actions, api } = await startStore('#v=1&view=steer&sae=demo&steer=2:add:1max');
    api.steer.generate.mockImplementation(() => new Promise(() => undefined));
    const answers: (() => void)[] = [];
    api.steer.setSlotValue.mockImplementation(
      () => new Promise<void>((resolve) => answers.push(resolve)),
    );
    actions.steer.slots.setValue('slot-1', 0.5);
    expect(api.steer.setSlotValue).not.toHaveBeenCalled();
    void actions.steer.run.start();
    await settled();
    actions.steer.slots.setValue('slot-1', 0.7);
    actions.steer.slots.setValue('slot-1', 0.9);
    actions.steer.slots.setValue('slot-1', 1.21);
    expect(api.steer.setSlotValue.mock.calls).toEqual([['slot-1', 0.7]]);
    answers[0]?.();
    await settled();
    expect(api.steer.setSlotValue.mock.calls.map((call) => call[1])).toEqual([0.7, 1.2]);
  });

  it('gives a link back what it was given: slots, mask, clip, curve', async () => {
    const { world, advance, actions } = await startStore(
      '#v=1&view=steer&sae=demo&steer=2:add:1max,5:set:0raw:off,v-9c01:add:.2norm&mask=gen&clip=1&auto=0@12:1.5,1@20:off&prompt=a',
    );
    actions.steer.run.setForm({ seed: 3 });
    advance(1000);
    expect(world.hash).toContain(
      '&steer=2:add:1max,5:set:0raw:off,v-9c01:add:.2norm&mask=gen&clip=1&auto=0@12:1.5,1@20:off&prompt=a',
    );
  });

  it('plays a text again with every value at its token, and branches with the dials of now', async () => {
    const { actions, emit, api, getState } = await startStore(
      '#v=1&view=steer&sae=demo&steer=2:add:1max&prompt=a&seed=7',
    );
    await actions.steer.run.start();
    const id = api.steer.generate.mock.lastCall?.[0] ?? 0;
    for (const [i, value] of [1, 1, 2.5].entries()) {
      for (const lane of ['baseline', 'steered'] as const) {
        const values = lane === 'steered' ? [value] : [];
        const own = { tokenId: 10 + i, text: 'a', isSpecial: false, logProb: -1, isForced: false };
        const token = { ...own, values, choice: null, steered: null };
        emit({ kind: 'token', generationId: id, lane, token });
      }
    }
    actions.steer.slots.setValue('slot-1', -0.5);
    await actions.steer.run.branch(2, false);
    const branch = api.steer.generate.mock.lastCall?.[1];
    expect(branch?.prefix).toEqual({ baseline: [10, 11], steered: [10, 11] });
    expect(branch?.steer.automation).toEqual([
      { slotId: 'slot-1', token: 0, value: 1 },
      { slotId: 'slot-1', token: 2, value: -0.5 },
    ]);
    expect(getState().steer.run?.lanes.steered).toEqual([]);
  });

  it('replays what was played, not what the dial says now', async () => {
    const { actions, emit, api } = await startStore('#v=1&view=steer&sae=demo&steer=2:add:1max');
    await actions.steer.run.start();
    const generationId = api.steer.generate.mock.lastCall?.[0] ?? 0;
    const automation = [{ slotId: 'slot-1', token: 4, value: 2 }];
    emit({ kind: 'generated', generationId, reason: 'length', divergence: null, automation });
    actions.steer.slots.setValue('slot-1', -3);
    api.steer.generate.mockImplementation(() => new Promise(() => undefined));
    void actions.steer.run.replay();
    await settled();
    expect(api.steer.setSlotValue).not.toHaveBeenCalled();
    const request = api.steer.generate.mock.lastCall?.[1];
    expect(request?.steer.automation).toEqual(automation);
    expect(request?.steer.slots[0]?.value).toBe(1);
    actions.steer.slots.setValue('slot-1', 2);
    await settled();
    expect(api.steer.setSlotValue.mock.calls).toEqual([['slot-1', 2]]);
  });

  it('undoes a change of slots while text streams, and the engine hears of it', async () => {
    const { actions, api, advance } = await startStore('#v=1&view=steer&sae=demo&steer=2:add:1max');
    api.steer.generate.mockImplementation(() => new Promise(() => undefined));
    void actions.steer.run.start();
    await settled();
    advance(5000);
    actions.steer.slots.setValue('slot-1', 2);
    await settled();
    actions.steer.slots.mute('slot-1', true);
    await settled();
    actions.steer.slots.undo();
    await settled();
    actions.steer.slots.undo();
    await settled();
    actions.steer.slots.redo();
    await settled();
    expect(api.steer.setSlotValue.mock.calls.map((call) => call[1])).toEqual([2, null, 2, 1, 2]);
  });

  it('takes the points of a dose while it is measured, in order, and those of none otherwise', async () => {
    const { actions, getState, emit, api } = await startStore(
      '#v=1&view=steer&sae=demo&steer=2:add:1max',
    );
    const tell = (value: number) => {
      const point = {
        value,
        meanKl: 1,
        top1Agreement: 1,
        deltaLogProb: [],
        relativeNorm: 0,
        surprise: null,
      };
      emit({ kind: 'dosePoint', point, done: 1, total: 13 });
    };
    tell(1);
    expect(getState().steer.dose).toBeNull();
    api.steer.measureDose.mockImplementation(() => new Promise(() => undefined));
    void actions.steer.dose.run('slot-1', '', { withSurprise: true });
    await settled();
    expect(api.steer.measureDose.mock.lastCall?.[0].withSurprise).toBe(true);
    tell(3);
    tell(-3);
    expect(getState().steer.dose?.points.map(({ value }) => value)).toEqual([-3, 3]);
  });

  it('leaves out slots of an SAE that is not here, and says so', async () => {
    const { getState } = await startStore(
      '#v=1&view=steer&sae=demo&steer=2~deadbeef0000:add:1max,3:add:1max',
    );
    const { steer, shell } = getState();
    expect(steer.setup.slots).toHaveLength(1);
    expect(shell.notice).toMatch(/deadbeef0000/);
  });

  it('puts tokens into the lanes of their own text and ignores those of an older one', async () => {
    const { actions, getState, emit, api } = await startStore('#v=1&view=steer&sae=demo&feature=2');
    await actions.steer.run.start();
    const first = vi.mocked(api.steer.generate).mock.lastCall?.[0] ?? 0;
    await actions.steer.run.start();
    const token = {
      tokenId: 1,
      text: 'a',
      isSpecial: false,
      logProb: -1,
      isForced: false,
      values: [1],
      choice: null,
      steered: null,
    };
    emit({ kind: 'token', generationId: first, lane: 'steered', token });
    emit({ kind: 'token', generationId: first + 1, lane: 'steered', token });
    expect(getState().steer.run?.lanes).toEqual({ baseline: [], steered: [token] });
  });
});
