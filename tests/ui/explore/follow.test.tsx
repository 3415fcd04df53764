// A model's training as an SAE sees it: the folder is given, its checkpoints are told, looking again reads what is new.
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { EngineApi } from '../../../src/engine/api';
import type { FollowedRun } from '../../../src/engine/explore/api';
import { DEMO_SAE } from '../../helpers/engine/engineDouble';
import { openPage } from '../page';

const TRAINING = '#v=1&view=explore&sae=demo&as=training';
const FOLLOWED: FollowedRun = {
  saeId: DEMO_SAE.saeId,
  tokens: [],
  steps: [100, 200, 300].map((step, i) => ({
    ...{ step, fvu: 3 - i, l0: 32, saeId: DEMO_SAE.saeId },
    valBpb: i === 1 ? null : 2 - 0.5 * i,
  })),
  unread: [{ step: 400, why: 'model_000400.pt is cut off' }],
  latents: [
    { latentIndex: 5, largest: 9, rates: [0, 0.1, 0.2], cosines: [0, 0.8, 1], born: 200 },
    { latentIndex: 7, largest: 0, rates: [0.1, 0, 0], cosines: [0, 0, 0], born: null },
  ].map((latent) => ({ ...latent, decoderCosines: null })),
};

const checkpoint = (step: number) =>
  new File(['weights'], `model_000${step}.pt`, { type: 'application/octet-stream' });

it('reads the checkpoints of a folder and tells when each feature was born', async () => {
  const follow: EngineApi['explore']['follow'] = () =>
    Promise.resolve({ ok: true, value: FOLLOWED });
  const { user, api } = await openPage(TRAINING, { explore: { follow } });
  const text = await screen.findByLabelText('The text that is read');
  await user.clear(text);
  await user.type(text, 'The dog');
  const zone = within(screen.getByRole('group', { name: 'Folder of checkpoints' }));
  await user.upload(zone.getByLabelText('Choose files'), [checkpoint(100), checkpoint(200)]);
  expect(await screen.findByText(/3 checkpoints read, steps 100, 200, 300/)).toBeShown();
  const [request] = api.explore.follow.mock.calls[0]!;
  expect(request).toMatchObject({ saeId: DEMO_SAE.saeId, text: 'The dog' });
  expect(request.files.map(({ path }) => path)).toEqual(['model_000100.pt', 'model_000200.pt']);
  expect(screen.getByText(/Step 400 was not read: model_000400\.pt is cut off/)).toBeShown();
  // A step whose loss was not recorded has no point.
  expect(screen.getByRole('img', { name: /bits per byte over steps 100 to 300/ })).toBeShown();
  expect(screen.getByText(/Born at step 200/)).toBeShown();

  await user.click(screen.getByRole('button', { name: /gone/ }));
  expect(await screen.findByText(/Silent on this text at the last step/)).toBeShown();
  await user.click(screen.getByRole('button', { name: 'Read again' }));
  expect(api.explore.follow).toHaveBeenCalledTimes(2);
});

it('says what is wrong and keeps what was read before', async () => {
  let isFirst = true;
  const follow: EngineApi['explore']['follow'] = () => {
    const problem = {
      kind: 'config',
      what: 'no model_<step>.pt',
      wayOut: '',
      field: null,
    } as const;
    const answer = isFirst
      ? ({ ok: true, value: FOLLOWED } as const)
      : ({ ok: false, problem } as const);
    isFirst = false;
    return Promise.resolve(answer);
  };
  const { user } = await openPage(TRAINING, { explore: { follow } });
  const zone = within(await screen.findByRole('group', { name: 'Folder of checkpoints' }));
  await user.upload(zone.getByLabelText('Choose files'), [checkpoint(100)]);
  expect(await screen.findByText(/Born at step 200/)).toBeShown();
  await user.upload(zone.getByLabelText('Choose files'), [checkpoint(300)]);
  expect(await screen.findByText(/no model_<step>\.pt/)).toBeShown();
});
