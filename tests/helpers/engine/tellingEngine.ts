// The engine double with the engine's habit of telling what a command changed: by an event, some time after it has
// answered. The page learns of changes by events alone, so a double without them would show none.
import type { EngineApi } from '../../../src/engine/api';
import type { Outcome } from '../../../src/engine/shared/api';
import type { RunFacts } from '../../../src/engine/train/api';
import type { makeEngineDouble } from './engineDouble';

export function tellingEngine({ api, emit }: ReturnType<typeof makeEngineDouble>): EngineApi {
  /** The answer first, then what follows from it. */
  async function answered<T>(answer: Promise<T>, tell: (answer: T) => unknown): Promise<T> {
    const value = await answer;
    void later().then(() => tell(value));
    return value;
  }
  const ifOk =
    <T>(tell: (value: T) => unknown) =>
    (outcome: Outcome<T>) =>
      outcome.ok ? tell(outcome.value) : undefined;
  const tellSaes = async () => emit({ kind: 'saes', saes: await api.sae.list() });
  const tellVectors = async () => emit({ kind: 'vectors', vectors: await api.steer.listVectors() });
  const tellRun = ifOk((run: RunFacts) => emit({ kind: 'run', run }));
  return {
    ...api,
    subscribe: (listener) => answered(api.subscribe(listener), tellSaes),
    text: {
      ...api.text,
      open: (source, jobId) =>
        answered(
          api.text.open(source, jobId),
          ifOk((corpus) => emit({ kind: 'corpus', corpus })),
        ),
    },
    model: {
      ...api.model,
      open: (source, jobId) =>
        answered(
          api.model.open(source, jobId),
          ifOk((model) => emit({ kind: 'model', model })),
        ),
    },
    sae: {
      ...api.sae,
      import: (files) => answered(api.sae.import(files), ifOk(tellSaes)),
      delete: (saeId) => answered(api.sae.delete(saeId), tellSaes),
    },
    train: {
      ...api.train,
      start: (...asked) => answered(api.train.start(...asked), tellRun),
      resume: (...asked) => answered(api.train.resume(...asked), tellRun),
    },
    steer: {
      ...api.steer,
      makeVector: (source) => answered(api.steer.makeVector(source), ifOk(tellVectors)),
      deleteVector: (vectorId) => answered(api.steer.deleteVector(vectorId), tellVectors),
    },
  };
}

async function later(): Promise<void> {
  for (let i = 0; i < 3; i++) await Promise.resolve();
}
