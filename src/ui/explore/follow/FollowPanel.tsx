// The model's own training, as the chosen SAE sees it: a folder of checkpoints, the text that is read at each, and what
// came of it.
import { progressOf } from '../../../store/progress';
import { selectedSae } from '../../../store/sae/saeSelectors';
import type { FollowState } from '../../../store/explore/followState';
import { DropZone } from '../../parts/DropZone';
import { TextAreaField } from '../../parts/fields/TextAreaField';
import { ProblemNote } from '../../parts/Messages';
import { ProgressBar } from '../../parts/ProgressBar';
import { runFolderOfDrop, runFolderOfFiles } from '../../runFolder';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import { FollowedRunView } from './FollowedRunView';

export function FollowPanel() {
  const sae = useAppState(selectedSae);
  const { text, folder, running, result, problem } = useAppState((state) => state.explore.follow);
  const progress = useAppState(progressOf('following'));
  const { follow } = useActions().explore;
  if (sae === null) return null;
  return (
    <div className={layoutStyles.stack}>
      <p>
        How did your model learn what this SAE finds in it? Drop the folder that nanochat wrote its
        checkpoints to. The SAE reads one text at each of them.
      </p>
      <TextAreaField
        id="follow-text"
        label="The text that is read"
        rows={3}
        value={text}
        onChange={follow.setText}
        help="Up to 1,000 tokens. Only features that fire on it are followed."
      />
      <DropZone
        label="Folder of checkpoints"
        offersFolder
        onDrop={(transfer) => {
          const dropped = runFolderOfDrop(transfer);
          if (dropped !== null) void follow.open(dropped);
          return dropped !== null;
        }}
        onFiles={(files) => void follow.open(runFolderOfFiles(files))}
        onFailure={follow.fail}
      >
        <p>
          Drop the folder here, with <code>model_*.pt</code> and <code>meta_*.json</code> of several
          steps.
        </p>
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          nanochat saves at the end only, unless you give <code>--save-every</code>.
        </p>
      </DropZone>
      {folder !== null && <FolderLine folder={folder} running={running} />}
      {progress !== null && (
        <ProgressBar
          label="Checkpoints"
          progress={progress}
          onCancel={() => void follow.cancel()}
        />
      )}
      <ProblemNote problem={problem} />
      {result?.saeId === sae.saeId && <FollowedRunView run={result} />}
    </div>
  );
}

type FolderLineProps = { folder: NonNullable<FollowState['folder']>; running: boolean };

function FolderLine({ folder, running }: FolderLineProps) {
  const { follow } = useActions().explore;
  return (
    <div className={layoutStyles.buttonRow}>
      <strong className={wordStyles.wrapAnywhere}>{folder.name}</strong>
      <button
        type="button"
        className={controlStyles.button}
        disabled={running}
        onClick={() => void follow.look()}
      >
        {folder.isLive ? 'Look again' : 'Read again'}
      </button>
      <span className={classNames(wordStyles.muted, wordStyles.small)}>{waitingText(folder)}</span>
    </div>
  );
}

function waitingText({ isLive, isObserved }: FolderLineProps['folder']): string {
  if (isObserved) return 'New checkpoints are read as they appear.';
  return isLive
    ? 'This browser does not tell of new files: look again to read them.'
    : 'To see new checkpoints, choose the folder again.';
}
