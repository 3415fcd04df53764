// Messages about the whole page: no GPU, a problem without a control of its own, a note about the link.
import { Note, ProblemNote } from '../parts/Messages';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './Banners.module.css';

export function Banners() {
  const banner = useAppState((state) => state.shell.banner);
  const notice = useAppState((state) => state.shell.notice);
  const noDevice = useAppState((state) => state.device?.problem ?? null);
  const actions = useActions();
  return (
    <div className={styles.banners}>
      {noDevice !== null && (
        <Note>
          <p>{noDevice}</p>
          <p className={wordStyles.muted}>
            Without it the model still generates text on the CPU, and the demo SAE can be explored;
            training and statistics wait.
          </p>
        </Note>
      )}
      <ProblemNote problem={banner}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={actions.shell.dismissBanner}
        >
          Dismiss
        </button>
      </ProblemNote>
      {notice !== null && <Note onDismiss={actions.shell.dismissNotice}>{notice}</Note>}
    </div>
  );
}
