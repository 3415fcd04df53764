// Intents of the Text fieldset: which text SAEs are trained and measured on.
import type { ModelFile } from '../../engine/shared/api';
import type { CorpusSource, SelfTextRequest } from '../../engine/text/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';

export function makeTextActions({ api, get, patch, jobs }: StoreContext) {
  let lastOpening = 0;

  /** Another text may be chosen while one is being read: only the last choice counts. */
  async function open(source: CorpusSource): Promise<boolean> {
    const opening = ++lastOpening;
    patch('text', { opening: true, problem: null });
    const outcome = await jobs.run('corpus', (jobId) => settle(api.text.open(source, jobId)));
    if (opening !== lastOpening) return false;
    patch('text', { opening: false });
    if (!outcome.ok) {
      patch('text', { problem: outcome.problem });
      return false;
    }
    // The form's problem may have been about the text.
    if (get().train.problem?.field === 'corpus') patch('train', { problem: null });
    return true;
  }

  return {
    openDemo: () => open({ kind: 'demo' }),
    write: (request: SelfTextRequest) => open({ kind: 'self', ...request }),
    stopWriting: () => jobs.cancel('corpus'),
    /** null if it could not be written; the reason is then shown beside the text. */
    exportText: async (): Promise<Blob | null> => {
      const outcome = await settle(api.text.export());
      if (outcome.ok) return outcome.value;
      patch('text', { problem: outcome.problem });
      return null;
    },
    paste: (text: string) => open({ kind: 'paste', text }),
    /** field: key of .jsonl objects, column of .parquet tables */
    openFiles: (files: ModelFile[], field: string) => open({ kind: 'files', files, field }),
  };
}
