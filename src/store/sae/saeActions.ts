// Intents on the SAEs of this browser: bring one in, take one out, delete it. The list itself is told by
// events.
import type { ModelFile } from '../../engine/shared/api';
import type { ExportFormat } from '../../engine/share/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { isOfOpenShape, saeOf } from './saeSelectors';

/** select: opens an SAE that is listed. */
export function makeSaeActions(context: StoreContext, select: (saeId: string) => void) {
  const { api, get, patch, jobs } = context;
  /** imported, and not listed yet */
  let arriving: string | null = null;

  function selectArrived(): void {
    const arrived = saeOf(get(), arriving);
    if (arrived === null) return;
    arriving = null;
    select(arrived.saeId);
  }

  /** Whether the SAE belongs to the open model. */
  async function measureFit(saeId: string): Promise<void> {
    patch('sae', 'fit', { measuring: saeId, problem: null });
    const outcome = await jobs.run('fit', (jobId) => settle(api.evaluate.measureFit(saeId, jobId)));
    const { measuring, known } = get().sae.fit;
    if (outcome.ok) {
      const { value } = outcome;
      const others = known.filter(
        (fit) => fit.saeId !== value.saeId || fit.modelId !== value.modelId,
      );
      patch('sae', 'fit', { known: [...others, value] });
    } else if (outcome.problem.kind !== 'cancelled') {
      patch('sae', 'fit', { problem: outcome.problem });
    }
    // A newer one may be going on.
    if (measuring === saeId) patch('sae', 'fit', { measuring: null });
  }

  return {
    /** Opened as soon as it is listed. */
    importFiles: async (files: ModelFile[]) => {
      patch('sae', { busy: 'import', problem: null });
      const outcome = await settle(api.sae.import(files));
      patch('sae', { busy: null, problem: outcome.ok ? null : outcome.problem });
      if (!outcome.ok) return;
      const { saeId } = outcome.value;
      arriving = saeId;
      selectArrived();
      // Other tools' files name a model by a word at most: only its text tells.
      if (isOfOpenShape(get(), outcome.value)) await measureFit(saeId);
    },
    measureFit,
    cancelFit: () => jobs.cancel('fit'),
    /** After every list of SAEs. */
    selectArrived,
    /** A zip of its files for another tool, or null, with the problem shown on the page. */
    exportAs: async (saeId: string, format: ExportFormat): Promise<Blob | null> => {
      patch('sae', { exporting: saeId, problem: null });
      const outcome = await jobs.run('export', (jobId) =>
        settle(api.share.exportSae({ saeId, format }, jobId)),
      );
      const problem = outcome.ok || outcome.problem.kind === 'cancelled' ? null : outcome.problem;
      patch('sae', { exporting: null, problem });
      return outcome.ok ? outcome.value : null;
    },
    cancelExport: () => jobs.cancel('export'),
    /** One that had no room before. */
    store: async (saeId: string) => {
      patch('sae', { busy: 'store', problem: null });
      const outcome = await settle(api.sae.store(saeId));
      patch('sae', { busy: null, problem: outcome.ok ? null : outcome.problem });
    },
    /** true when it has that name now. */
    rename: async (saeId: string, name: string): Promise<boolean> => {
      const outcome = await settle(api.sae.rename(saeId, name));
      patch('sae', { problem: outcome.ok ? null : outcome.problem });
      return outcome.ok;
    },
    deleteSae: async (saeId: string) => {
      patch('sae', { busy: 'delete', problem: null });
      try {
        await api.sae.delete(saeId);
      } catch (cause) {
        patch('sae', { problem: bugProblem(cause) });
      }
      patch('sae', { busy: null });
    },
  };
}
