// Messages about the whole page: no GPU, a problem without a control of its own, a note about the link. What went wrong
// with a dropped model or SAE is told where it is managed, and here on every other screen.
import { counted } from '../../core/text/counted';
import type { Problem } from '../../engine/shared/api';
import type { AppState } from '../../store/state';
import { Note, ProblemNote } from '../parts/Messages';
import { useActions, useAppState } from '../storeContext';
import { EngineNotice } from './EngineNotice';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './Banners.module.css';

export function Banners() {
  const banner = useAppState((state) => state.shell.banner);
  const hasNewVersion = useAppState((state) => state.shell.hasNewVersion);
  const notice = useAppState((state) => state.shell.notice);
  const noDevice = useAppState((state) => state.device?.problem ?? null);
  const opened = useAppState(openingProblem);
  // What somebody shared is shown without model and SAE.
  const isReceiving = useAppState((state) => state.share.received !== null);
  const actions = useActions();
  return (
    <div className={styles.banners}>
      <EngineNotice />
      {hasNewVersion && (
        <Note onDismiss={actions.shell.declineVersion}>
          <p>
            A new version of nanoscope is ready. Use it now, or whenever all tabs of it were closed;
            saved work is kept.
          </p>
          <button
            type="button"
            className={controlStyles.button}
            onClick={actions.shell.useNewVersion}
          >
            Reload with it
          </button>
        </Note>
      )}
      {noDevice !== null && (
        <Note>
          <p>{noDevice}</p>
          <p className={wordStyles.muted}>
            Without it everything runs on the processor: the model writes, and SAEs are trained,
            measured and explored, only more slowly than on a GPU.
          </p>
        </Note>
      )}
      <ProblemNote problem={isReceiving ? null : opened}>
        <OpenDemo />
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={() => actions.shell.show('library')}
        >
          Library
        </button>
      </ProblemNote>
      <ProblemNote problem={isReceiving ? null : banner}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={actions.shell.dismissBanner}
        >
          Dismiss
        </button>
      </ProblemNote>
      <UnreadableNote />
      {notice !== null && <Note onDismiss={actions.shell.dismissNotice}>{notice}</Note>}
    </div>
  );
}

/** The way out where no model is open: tries again, if it was the demo that failed. */
function OpenDemo() {
  const isOffered = useAppState(({ model }) => model.open === null && model.problem !== null);
  const actions = useActions();
  if (!isOffered) return null;
  return (
    <button
      type="button"
      className={controlStyles.button}
      onClick={() => void actions.model.openDemo()}
    >
      Open the demo
    </button>
  );
}

function openingProblem({ shell, model, sae }: AppState): Problem | null {
  if (shell.view === 'library') return null;
  const problem = model.problem ?? sae.problem;
  return problem?.kind === 'cancelled' ? null : problem;
}

function UnreadableNote() {
  const unreadable = useAppState((state) =>
    state.shell.view === 'library' ? 0 : state.unreadable.length,
  );
  const actions = useActions();
  if (unreadable === 0) return null;
  return (
    <Note>
      <p>
        {counted(unreadable, 'stored entry', 'stored entries')} of this browser cannot be read;
        everything else works.{' '}
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={() => actions.shell.show('library')}
        >
          Show in Library
        </button>
      </p>
    </Note>
  );
}
