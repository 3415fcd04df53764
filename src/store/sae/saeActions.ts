// Intents on the SAEs of this browser: bring one in, take one out, delete it. The list itself is told by
// events.
import type { FoundSae, SaeFacts } from '../../engine/sae/api';
import type { ModelFile, Problem } from '../../engine/shared/api';
import type { ExportFormat } from '../../engine/share/api';
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { isOfOpenShape, saeOf } from './saeSelectors';

/** Several as one message. */
function joined(problems: readonly Problem[]): Problem | null {
  const [first, ...more] = problems;
  if (first === undefined) return null;
  return { ...first, what: [first, ...more].map(({ what }) => what).join(' ') };
}

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

  /** One after the other; the first is opened as soon as it is listed. What cannot be read holds up no other. */
  async function importEach(wanted: readonly FoundSae[]): Promise<void> {
    patch('sae', { busy: 'import', found: null, problem: null });
    const problems: Problem[] = [];
    const here: SaeFacts[] = [];
    for (const { folder, files } of wanted) {
      const outcome = await settle(api.sae.import(files));
      if (!outcome.ok) {
        const { problem } = outcome;
        problems.push(folder === '' ? problem : { ...problem, what: `${folder}: ${problem.what}` });
        continue;
      }
      here.push(outcome.value);
      if (here.length > 1) continue;
      arriving = outcome.value.saeId;
      selectArrived();
    }
    patch('sae', { busy: null, problem: joined(problems) });
    const [first] = here;
    // Other tools' files name a model by a word at most: only its text tells.
    if (first !== undefined && isOfOpenShape(get(), first)) await measureFit(first.saeId);
  }

  return {
    /** Of one SAE, or of several, among which is chosen first. */
    importFiles: async (files: ModelFile[]) => {
      patch('sae', { busy: 'import', found: null, problem: null });
      const outcome = await settle(api.sae.find(files));
      if (!outcome.ok) patch('sae', { busy: null, problem: outcome.problem });
      else if (outcome.value.length === 1) await importEach(outcome.value);
      else patch('sae', { busy: null, found: outcome.value });
    },
    /** Of those that were found; none: nothing is opened. */
    importFound: (wanted: readonly FoundSae[]) => importEach(wanted),
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
