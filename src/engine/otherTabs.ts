// What other tabs of this browser changed in the storage that all of them share: read again here, or told to the page.
import type { EngineEvent } from './api';
import type { EngineParts } from './parts';
import { toProblem } from './problems';
import type { SaeLibrary } from './sae/saeLibrary';
import { SAE_RECORDS } from './sae/saeRecords';
import { NOTE_RECORDS } from './statistics/latentNotes';
import { RUN_RECORDS } from './train/runArchive';

/** One action writes several facts: they are looked at together, ms. */
const PAUSE = 100;

type Hosts = {
  parts: Pick<EngineParts, 'news' | 'schedule'>;
  library: Pick<SaeLibrary, 'refresh'>;
  emit: (event: EngineEvent) => void;
};

export function followOtherTabs({ parts, library, emit }: Hosts): void {
  let heard = new Set<string>();
  const look = async () => {
    const keys = [...heard];
    heard = new Set();
    const namesOf = (prefix: string) =>
      keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    if (namesOf(SAE_RECORDS.prefix).length > 0) await library.refresh();
    const hasRuns = namesOf(RUN_RECORDS.prefix).length > 0;
    const notesOf = namesOf(NOTE_RECORDS.prefix);
    if (hasRuns || notesOf.length > 0) emit({ kind: 'elsewhere', hasRuns, notesOf });
  };
  parts.news.onNews((key) => {
    const isFirst = heard.size === 0;
    heard.add(key);
    if (!isFirst) return;
    parts.schedule(() => {
      look().catch((cause: unknown) => {
        emit({ kind: 'problem', problem: toProblem(cause) });
      });
    }, PAUSE);
  });
}
