// Takes an SAE out in the files of other tools. What takes a while shows how far it is and can be cancelled.
import { saeName } from '../../core/sae/saeName';
import type { ExportFormat } from '../../engine/share/api';
import type { SaeFacts } from '../../engine/sae/api';
import { progressOf } from '../../store/progress';
import { saveBlob } from '../files';
import { Icon } from '../parts/Icon';
import { MenuHead, MenuItem, PopoverMenu } from '../parts/PopoverMenu';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import styles from './SaeExportMenu.module.css';

type Choice = { format: ExportFormat; label: string; detail: string };

const WEIGHTS: readonly Choice[] = [
  { format: 'saelens', label: 'SAELens', detail: 'also opens here again' },
  { format: 'sparsify', label: 'sparsify', detail: 'EleutherAI' },
];
const DASHBOARDS: readonly Choice[] = [
  { format: 'dashboards', label: 'SAEDashboard files', detail: 'JSON' },
  { format: 'neuronpedia', label: 'Neuronpedia’s own layout', detail: 'for a local one' },
  { format: 'upload', label: 'Neuronpedia, to upload', detail: 'with your key' },
];

export function SaeExportMenu({ sae }: { sae: SaeFacts }) {
  const isBusy = useAppState((state) => state.sae.exporting !== null);
  const hasModel = useAppState((state) => state.model.open !== null);
  const actions = useActions();
  const name = saeName(sae);
  async function take({ format }: Choice) {
    const blob = await actions.sae.exportAs(sae.saeId, format);
    if (blob === null) return;
    saveBlob(blob, `${sae.name}-${format}.zip`);
    if (format === 'upload') actions.shell.notify(howToSend(sae.name));
  }
  const item = (choice: Choice) => {
    const missing = whatIsMissing(choice.format, sae, hasModel);
    return (
      <MenuItem
        key={choice.format}
        label={choice.label}
        detail={missing ?? choice.detail}
        isDisabled={missing !== null || isBusy}
        onChoose={() => void take(choice)}
      />
    );
  };
  return (
    <PopoverMenu
      name={`Export ${name}`}
      face={
        <span className={styles.face}>
          <Icon name="download" />
          Export
        </span>
      }
    >
      {() => (
        <>
          <MenuHead>Weights, as a zip</MenuHead>
          {WEIGHTS.map(item)}
          <MenuHead>Every feature, as a zip</MenuHead>
          {DASHBOARDS.map(item)}
          <p className={styles.note}>Nothing is uploaded: you get files.</p>
        </>
      )}
    </PopoverMenu>
  );
}

/** A page of another site may not send the key: a command line can. */
function howToSend(name: string): string {
  return `To send ${name}-upload.zip to Neuronpedia with your own key: unpack it, put the key into NEURONPEDIA_API_KEY, and run “nanoscope upload ${name}-upload --dry-run”. That lists what would leave; without --dry-run it asks before it sends.`;
}

/** null: nothing. */
function whatIsMissing(format: ExportFormat, sae: SaeFacts, hasModel: boolean): string | null {
  if (format === 'saelens') return null;
  if (format === 'sparsify') return isTopK(sae) ? null : 'TopK only';
  if (sae.statisticsTokens === 0) return 'needs statistics';
  return format === 'upload' && !hasModel ? 'needs the model' : null;
}

/** Transcoders of other tools may be ReLU or JumpReLU, and have no k then. */
function isTopK({ architecture, k }: SaeFacts): boolean {
  return architecture === 'topk' || (architecture === 'transcoder' && k !== null);
}

/** How far the export of this SAE is; nothing if it is not written. */
export function SaeExportProgress({ sae }: { sae: SaeFacts }) {
  const isWriting = useAppState((state) => state.sae.exporting === sae.saeId);
  const progress = useAppState(progressOf('export'));
  const actions = useActions();
  if (!isWriting || progress === null) return null;
  return (
    <div className={styles.progress}>
      <ProgressBar
        label={`Exporting ${saeName(sae)}`}
        progress={progress}
        onCancel={() => void actions.sae.cancelExport()}
      />
    </div>
  );
}
