// Presets as two tabs write them: over the same browser's storage, each with a page of its own.
import { expect, it } from 'vitest';
import { createAppStore } from '../../../../src/store/appStore';
import { makeEngineDouble } from '../../../helpers/engine/engineDouble';
import { makeTestEnvironment, settled } from '../../../helpers/engine/testEnvironment';

it('a preset saved in another tab since is not lost by the next one (7.8)', async () => {
  const { env, stored, world } = makeTestEnvironment();
  const here = createAppStore(makeEngineDouble().api, env);
  const there = createAppStore(makeEngineDouble().api, env);
  await here.actions.steer.presets.load();
  await there.actions.steer.presets.load();
  await here.actions.steer.presets.save('of one tab', '#v=1');
  world.seed = 8;
  await there.actions.steer.presets.save('of the other', '#v=1');
  await settled();
  expect(stored.get('steer-presets')).toMatchObject([
    { name: 'of one tab' },
    { name: 'of the other' },
  ]);
  expect(there.getState().steer.presets).toHaveLength(2);
});
