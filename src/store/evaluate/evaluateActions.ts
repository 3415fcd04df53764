// Intents of the Evaluate screen: choose SAEs and budget, run the queue, cancel it, download the report.
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { formatEvaluationReport, makeEvaluationReport } from '../../core/evaluate/evaluationReport';
import type { ModelFile } from '../../engine/shared/api';
import type { EvaluationForm, ProbingSource } from '../../engine/evaluate/api';
import type { StoreContext } from '../context';
import { chosenSaes, evaluationBlock, evaluationTokens, evaluations } from './evaluationSelectors';
import type { ParetoScore, ProbingChoice } from './evaluateState';
import { bugProblem, settle } from '../problems';

export function makeEvaluateActions(context: StoreContext) {
  const { api, get, patch, jobs } = context;
  /** A blob is no plain value: it waits here, its name in the store. */
  let labelledFile: ModelFile | null = null;

  function probingSource(): ProbingSource | null {
    const { probing, textField, labelField } = get().evaluate;
    if (probing === 'demo') return { kind: 'demo' };
    if (probing === 'none' || labelledFile === null) return null;
    return { kind: 'file', file: labelledFile, textField, labelField };
  }

  async function evaluateIds(saeIds: string[]): Promise<void> {
    if (get().evaluate.busy) return;
    const form: EvaluationForm = {
      tokens: evaluationTokens(get()),
      probing: probingSource(),
    };
    patch('evaluate', { busy: true, problem: null });
    const outcome = await jobs.run('evaluation', (jobId) =>
      settle(api.evaluate.run(saeIds, form, jobId)),
    );
    patch('evaluate', { busy: false, problem: outcome.ok ? null : outcome.problem });
  }

  return {
    refresh: async () => {
      try {
        const rows = await api.evaluate.list();
        // Events that arrived meanwhile are newer.
        const told = get().evaluate.rows;
        patch('evaluate', {
          rows: { ...Object.fromEntries(rows.map((row) => [row.saeId, row])), ...told },
        });
      } catch (cause) {
        patch('evaluate', { problem: bugProblem(cause) });
      }
    },
    /** The ticked SAEs, one after the other. */
    start: async () => {
      if (evaluationBlock(get()) !== null) return;
      await evaluateIds(chosenSaes(get()).map(({ saeId }) => saeId));
    },
    startOne: (saeId: string) => evaluateIds([saeId]),
    cancel: () => jobs.cancel('evaluation'),
    tick: (saeId: string, isTicked: boolean) => {
      const ids = chosenSaes(get()).map((sae) => sae.saeId);
      const others = ids.filter((id) => id !== saeId);
      patch('evaluate', { chosenIds: isTicked ? [...others, saeId] : others });
    },
    tickAll: (isTicked: boolean) => patch('evaluate', { chosenIds: isTicked ? null : [] }),
    setTokens: (tokens: number) => patch('evaluate', { tokens }),
    setProbing: (probing: ProbingChoice) => patch('evaluate', { probing }),
    setProbingFile: (file: ModelFile) => {
      labelledFile = file;
      patch('evaluate', { probingFile: file.path });
    },
    setProbingFields: (change: { textField?: string; labelField?: string }) =>
      patch('evaluate', change),
    setFull: (isFull: boolean) => patch('evaluate', { isFull }),
    setScore: (score: ParetoScore) => patch('evaluate', { score }),
    show: (saeId: string | null) => patch('evaluate', { shownId: saeId }),
    /** created: ISO date; null without any evaluation */
    report: (created: string): { json: string; text: string } | null => {
      const measured: SaeEvaluation[] = evaluations(get());
      if (measured.length === 0) return null;
      const report = makeEvaluationReport(measured, created);
      return {
        json: `${JSON.stringify(report, null, 2)}\n`,
        text: formatEvaluationReport(report),
      };
    },
  };
}
