// What other tabs of this browser changed in the storage that all of them share: SAEs are read again here, the rest is told
// to the page. Evaluations and vectors are followed by their own hosts.
import type { EngineEvent } from './api';
import type { EngineParts } from './parts';
import { followRecords } from './recordNews';
import { PRESET_RECORDS } from './recordsHost';
import type { SaeLibrary } from './sae/saeLibrary';
import { SAE_RECORDS } from './sae/saeRecords';
import { NOTE_RECORDS } from './statistics/latentNotes';
import { RUN_RECORDS } from './train/runArchive';

type Hosts = {
  parts: Pick<EngineParts, 'news' | 'schedule'>;
  library: Pick<SaeLibrary, 'refresh'>;
  emit: (event: EngineEvent) => void;
};

export function followOtherTabs(hosts: Hosts): void {
  const { library, emit } = hosts;
  const tell = (what: { hasRuns?: boolean; hasPresets?: boolean; notesOf?: string[] }) => {
    emit({ kind: 'elsewhere', hasRuns: false, hasPresets: false, notesOf: [], ...what });
  };
  followRecords(hosts, SAE_RECORDS, () => library.refresh());
  followRecords(hosts, RUN_RECORDS, () => {
    tell({ hasRuns: true });
  });
  followRecords(hosts, NOTE_RECORDS, (notesOf) => {
    tell({ notesOf });
  });
  followRecords(hosts, PRESET_RECORDS, () => {
    tell({ hasPresets: true });
  });
}
