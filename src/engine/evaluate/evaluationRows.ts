// The rows of evaluations that the page shows: what storage keeps of each SAE, and the state of the queue over it.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { EngineHosts } from '../hosts';
import { toProblem } from '../problems';
import { followRecords } from '../recordNews';
import type { EvaluationRow } from './api';
import { createEvaluationStore, EVALUATION_RECORDS } from './evaluationStore';

export type EvaluationRows = {
  /** Resolves once what storage keeps is read; reads it once, and again after a failure. */
  ready: () => Promise<void>;
  list: () => EvaluationRow[];
  /** The evaluation of an SAE that waits for nothing, or null. */
  settled: (saeId: string) => SaeEvaluation | null;
  /** Changes a row and reports it; without an evaluation the row keeps the one it has. */
  tell: (saeId: string, state: EvaluationRow['state'], evaluation?: SaeEvaluation) => void;
  /** A full disk prevents storing the evaluation, but its row stays on screen. */
  keep: (evaluation: SaeEvaluation) => Promise<void>;
  /** A new queue begins: SAEs that were deleted under the one before are no longer left out. */
  forgetDeleted: () => void;
};

export function createEvaluationRows(o: EngineHosts): EvaluationRows {
  const { parts, emit } = o;
  const store = createEvaluationStore(parts.storage);
  const rows = new Map<string, EvaluationRow>();
  /** deleted while they were evaluated */
  const gone = new Set<string>();
  let opening: Promise<void> | null = null;

  const readStored = async () => {
    for (const evaluation of await store.list()) {
      const saeId = evaluation.sae.id;
      if (!rows.has(saeId)) rows.set(saeId, { saeId, state: { kind: 'idle' }, evaluation });
    }
  };
  const ready = () => {
    opening ??= readStored().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };
  const tell: EvaluationRows['tell'] = (saeId, state, evaluation) => {
    if (gone.has(saeId)) return;
    const row = { saeId, state, evaluation: evaluation ?? rows.get(saeId)?.evaluation ?? null };
    rows.set(saeId, row);
    emit({ kind: 'evaluation', row });
  };

  o.library.onDeleted(async ({ saeId }) => {
    gone.add(saeId);
    rows.delete(saeId);
    await store.delete(saeId);
  });
  followRecords(o, EVALUATION_RECORDS, async (saeIds) => {
    // Nobody has asked yet: who does will read all.
    if (opening === null) return;
    await ready();
    for (const evaluation of await store.list()) {
      const { id } = evaluation.sae;
      const isBusy = (rows.get(id)?.state.kind ?? 'idle') !== 'idle';
      if (saeIds.includes(id) && !isBusy) tell(id, { kind: 'idle' }, evaluation);
    }
  });

  return {
    ready,
    tell,
    list: () => [...rows.values()],
    settled(saeId) {
      const row = rows.get(saeId);
      return row?.state.kind === 'idle' ? row.evaluation : null;
    },
    async keep(evaluation) {
      if (gone.has(evaluation.sae.id)) return;
      try {
        await store.put(evaluation);
      } catch (cause) {
        const problem = toProblem(cause);
        const wayOut = `The evaluation of ${evaluation.sae.name} is kept in this tab only: download the report now. ${problem.wayOut}`;
        emit({ kind: 'problem', problem: { ...problem, wayOut } });
      }
    },
    forgetDeleted: () => gone.clear(),
  };
}
