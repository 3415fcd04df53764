// Intents of the Text fieldset: which text SAEs are trained and measured on.
import type { ModelFile } from '../../engine/shared/api';
import type { CorpusSource, SelfTextRequest } from '../../engine/text/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';

export function makeCorpusActions({ api, get, patch, jobs }: StoreContext) {
  let lastOpening = 0;

  /** Choosing another text while one is read is allowed: only the last choice is heard. */
  async function open(source: CorpusSource): Promise<boolean> {
    const opening = ++lastOpening;
    patch('corpus', { opening: true, problem: null });
    const outcome = await jobs.run('corpus', (jobId) => settle(api.text.open(source, jobId)));
    if (opening !== lastOpening) return false;
    patch('corpus', { opening: false });
    if (!outcome.ok) {
      patch('corpus', { problem: outcome.problem });
      return false;
    }
    patch('corpus', { facts: outcome.value });
    // A refusal to train may have been about the text.
    if (get().training.problem?.field === 'corpus') patch('training', { problem: null });
    return true;
  }

  return {
    openDemoCorpus: () => open({ kind: 'demo' }),
    writeCorpus: (request: SelfTextRequest) => open({ kind: 'self', ...request }),
    stopSelfText: () => jobs.cancel('corpus'),
    /** null when it could not be written; the reason then stands beside the text. */
    exportCorpus: async (): Promise<Blob | null> => {
      const outcome = await settle(api.text.export());
      if (outcome.ok) return outcome.value;
      patch('corpus', { problem: outcome.problem });
      return null;
    },
    pasteCorpus: (text: string) => open({ kind: 'paste', text }),
    /** field: key of .jsonl objects, column of .parquet tables */
    openCorpusFiles: (files: ModelFile[], field: string) => open({ kind: 'files', files, field }),
  };
}
