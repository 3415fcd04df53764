// Intents on the stream: generate, pause, step, stop, rerun, branch, replay; the conversation of a chat
// model.
import type { LaneName } from '../../core/steer/steeringReport';
import type { StoreContext } from '../context';
import { beginGeneration, capabilityPlace } from '../generate/generation';
import { branchRequest, replayRequest, steerRequest } from './steerRequest';
import { steeringBlock } from './steerSelectors';
import type { GenerationForm, GenerationMode, TextRequest } from '../generate/generationRun';

export function makeSteerRunActions(
  context: StoreContext,
  dials: { sendValues: () => Promise<void>; markBegin: () => void },
) {
  const { api, env, get, patch, jobs } = context;

  function begin(request: TextRequest): Promise<unknown> {
    // A replay uses its own values, not the current dials.
    dials.markBegin();
    const work = beginGeneration(context, capabilityPlace(context, 'steer'), request);
    // A dial that was changed while the old text was being ended.
    void dials.sendValues();
    return work;
  }

  function generate(): Promise<unknown> {
    if (steeringBlock(get()) !== null) return Promise.resolve();
    patch('steer', { replayed: null });
    return begin(steerRequest(get()));
  }

  function roll(): void {
    patch('steer', { form: { ...get().steer.form, seed: env.randomSeed() } });
  }

  return {
    start: generate,
    /** The same with another seed. */
    startNewSeed: () => {
      roll();
      return generate();
    },
    rollSeed: roll,
    stop: () => jobs.cancel('generation'),
    pause: () => api.generate.pause(),
    resume: () => api.generate.resume(),
    /** Generates one more token; starts a text if none is running. */
    step: async () => {
      if (get().steer.run?.running !== true) void generate();
      await api.generate.step();
    },
    /** Repeats both lanes up to that token, then continues with the current dials. */
    branch: (index: number, isNewSeed: boolean) => {
      const { run } = get().steer;
      if (run === null || steeringBlock(get()) !== null) return Promise.resolve();
      if (isNewSeed) roll();
      patch('steer', { replayed: null });
      return begin(branchRequest(get(), run, index));
    },
    /** Replays every value at its token: the text must be the same. */
    replay: () => {
      const { run } = get().steer;
      if (run === null) return Promise.resolve();
      patch('steer', { replayed: run.lanes });
      return begin(replayRequest(run));
    },
    setForm: (change: Partial<GenerationForm>) =>
      patch('steer', { form: { ...get().steer.form, ...change } }),
    setLanes: (lanes: 'both' | 'steered') => patch('steer', { lanes }),
    toggleDiff: () => patch('steer', { isDiffOn: !get().steer.isDiffOn }),
    setMode: (chosenMode: GenerationMode) => patch('steer', { chosenMode }),
    setSystem: (system: string) => patch('steer', { chat: { ...get().steer.chat, system } }),
    /** Adds the turn and the reply of one lane to the conversation. */
    keepReply: (lane: LaneName) => {
      const { run, chat, form } = get().steer;
      if (run === null || typeof run.request.prompt === 'string') return;
      const tokenIds = run.lanes[lane].map(({ tokenId }) => tokenId);
      const turns = [...run.request.prompt.turns, { role: 'assistant', tokenIds } as const];
      patch('steer', { chat: { ...chat, turns }, form: { ...form, prompt: '' }, run: null });
    },
    clearConversation: () =>
      patch('steer', { chat: { ...get().steer.chat, turns: [] }, run: null }),
  };
}
