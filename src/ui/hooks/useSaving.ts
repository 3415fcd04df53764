// Files that are made when somebody wants them, and saved: as one zip, or right into a folder.
import { useState } from 'react';
import type { ModelFile, Outcome, Problem } from '../../engine/shared/api';
import { bugProblem } from '../../store/problems';
import { saveBlob, saveFolder } from '../files';

export type SaveAs = 'zip' | 'files';

/** onDone: they are saved. A zip is one file. */
export function useSaving<R extends { as: SaveAs }>(
  make: (request: R) => Promise<Outcome<ModelFile[]>>,
  onDone: () => void,
) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  async function save(request: R) {
    setBusy(true);
    setProblem(null);
    try {
      const made = await make(request);
      if (!made.ok) {
        setProblem(made.problem.kind === 'cancelled' ? null : made.problem);
      } else if (request.as === 'files') {
        if (await saveFolder(made.value)) onDone();
      } else {
        for (const { path, blob } of made.value) saveBlob(blob, path);
        onDone();
      }
    } catch (cause) {
      setProblem(bugProblem(cause));
    }
    setBusy(false);
  }
  return { save, problem, isBusy };
}
