// What is on screen is in the address: a link opened anew shows it, and Back brings it back.
import { expect, it } from 'vitest';
import { createAppStore } from '../../../../src/store/appStore';
import { DEMO_SAE, makeEngineDouble } from '../../../helpers/engine/engineDouble';
import { tellingEngine } from '../../../helpers/engine/tellingEngine';
import { makeTestEnvironment, settled } from '../../../helpers/engine/testEnvironment';

async function open(hash: string) {
  const engine = makeEngineDouble();
  const outside = makeTestEnvironment(hash);
  const store = createAppStore(tellingEngine(engine), outside.env);
  await store.start();
  await settled();
  return { ...engine, ...outside, ...store };
}

it('writes both texts of a feature that a link turns up beside its dashboard', async () => {
  const { api, actions, advance, world, visit, getState } = await open(
    '#v=1&view=feature&sae=demo&feature=12&steer=12:add:.5max',
  );
  expect(api.steer.generate.mock.lastCall?.[1].steer.slots[0]).toMatchObject({
    target: { saeId: DEMO_SAE.saeId, latentIndex: 12 },
    unit: 'max',
    value: 0.5,
  });
  actions.explore.steer.setStrength(0.25);
  advance(1000);
  expect(world.hash).toContain('&feature=12&steer=12:add:.25max');
  // Another feature is as it is; Back turns the first one up again.
  const before = world.hash;
  actions.explore.selectLatent(3);
  advance(1000);
  expect(world.hash).not.toContain('steer=');
  visit(before);
  await settled();
  expect(getState().explore.turned).toMatchObject({ latentIndex: 12, strength: 0.25 });
  expect(api.steer.generate).toHaveBeenCalledTimes(3);
});

it('opens Evaluate with the columns, the plot and the row that a link names', async () => {
  const { actions, advance, world, visit, getState } = await open('#v=1&view=evaluate');
  actions.evaluate.setFull(true);
  actions.evaluate.setScore('ceLossRecovered');
  actions.evaluate.setTokens(8192);
  actions.evaluate.show(DEMO_SAE.saeId);
  advance(1000);
  const hash = world.hash;
  expect(hash).toBe(`#v=1&view=evaluate&sae=${DEMO_SAE.saeId}&tokens=8192&all=1&by=ce`);
  visit('#v=1&view=evaluate');
  expect(getState().evaluate).toMatchObject({ isFull: false, tokens: null, shownId: null });
  visit(hash);
  expect(getState().evaluate).toMatchObject({
    isFull: true,
    score: 'ceLossRecovered',
    tokens: 8192,
    shownId: DEMO_SAE.saeId,
  });
});

it('fills the form of Train with a link’s choices, and keeps what a link does not carry', async () => {
  const hash =
    '#v=1&view=train&hook=blocks.1.hook_resid_post&arch=batchtopk&size=8&k=20&time=minute&init=7';
  const { actions, advance, world, visit, getState } = await open(hash);
  const { form, length } = getState().train;
  expect(form).toMatchObject({ architecture: 'batchtopk', expansionFactor: 8, k: 20, seed: 7 });
  expect(length).toBe('One minute');
  actions.train.form.setAdvanced('lr', 0.001);
  actions.train.form.set({ tokens: 5000 });
  advance(1000);
  expect(world.hash).toBe(hash.replace('time=minute', 'tokens=5000&batch=512'));
  visit(hash);
  expect(getState().train).toMatchObject({
    length: 'One minute',
    form: { advanced: { lr: 0.001 } },
  });
});

it('opens the tool of Steer that a link names', async () => {
  const { actions, advance, world, visit, getState } = await open('#v=1&view=steer&sae=demo');
  actions.steer.openTool('vectors');
  advance(1000);
  const hash = world.hash;
  expect(hash).toContain('&tool=vectors');
  visit('#v=1&view=steer&sae=demo');
  expect(getState().steer.tool).toBeNull();
  visit(hash);
  expect(getState().steer.tool).toBe('vectors');
});
