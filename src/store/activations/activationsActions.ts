// Intents on activations that runs keep.
import type { Outcome } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';

export function makeActivationsActions({ api, patch }: StoreContext) {
  const tellProblem = async (command: Promise<Outcome<null>>) => {
    const outcome = await settle(command);
    if (!outcome.ok) patch('shell', { banner: outcome.problem });
  };
  return {
    setKeeping: (isOn: boolean) => tellProblem(api.activations.setKeeping(isOn)),
    forget: () => tellProblem(api.activations.forget()),
  };
}
