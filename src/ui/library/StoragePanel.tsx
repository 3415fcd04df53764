// How full this browser's storage is, and a way to keep the browser from clearing it.
import { useEffect } from 'react';
import { bytes, percent } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { SCARCE_ROOM } from '../../store/shell/shellActions';
import { KeptActivations } from './KeptActivations';
import styles from './StoragePanel.module.css';

export function StoragePanel() {
  const room = useAppState((state) => state.shell.room);
  const isRefused = useAppState((state) => state.shell.isKeepingRefused);
  // What is stored or deleted changes one of these.
  const saes = useAppState((state) => state.sae.list);
  const kept = useAppState((state) => state.model.kept);
  const runs = useAppState((state) => state.train.runs.length);
  const activations = useAppState((state) => state.activations.kept?.byteLength);
  const actions = useActions();
  useEffect(() => void actions.shell.readRoom(), [actions, saes, kept, runs, activations]);
  if (room === null) return null;
  const { used, quota, isPersistent } = room;
  const share = quota > 0 ? used / quota : 0;
  return (
    <section className={layoutStyles.panel} aria-labelledby="storage">
      <h2 id="storage">Storage</h2>
      <div>
        <div
          className={styles.meter}
          role="meter"
          aria-label="Storage used"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(100 * share)}
          aria-valuetext={`${bytes(used)} of ${bytes(quota)}`}
        >
          <span
            className={share >= SCARCE_ROOM ? styles.scarce : styles.used}
            style={{ width: `${Math.max(1, 100 * Math.min(1, share))}%` }}
          />
        </div>
        <p className={wordStyles.small}>
          {bytes(used)} of the {bytes(quota)} that the browser allows
          {share >= 0.01 && `, ${percent(share)}`}.
          {share >= SCARCE_ROOM && ' Room gets scarce: delete what you no longer need.'}
        </p>
      </div>
      {isPersistent ? (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Kept safe: the browser does not clear it by itself.
        </p>
      ) : (
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.shell.keepSafe()}
          >
            Keep it safe
          </button>
          <span className={classNames(wordStyles.muted, wordStyles.small)} role="status">
            {isRefused
              ? 'The browser refused. Browsers allow it for pages one uses often or has bookmarked; download what matters.'
              : 'Until then the browser may clear it when the disk is full.'}
          </span>
        </div>
      )}
      <KeptActivations />
    </section>
  );
}
