// Downloads stored in this browser: resume an unfinished one, open a complete one, delete.
import type { DownloadFacts } from '../../engine/model/api';
import { bytes, count } from '../parts/text/numberText';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './KeptDownloads.module.css';

export function KeptDownloads() {
  const downloads = useAppState((state) => state.model.remote.downloads);
  const isDownloading = useAppState((state) => state.model.remote.downloading !== null);
  if (downloads.length === 0 || isDownloading) return null;
  return (
    <ul className={styles.list} aria-label="Downloads in this browser">
      {downloads.map((kept) => (
        <KeptDownload key={kept.id} kept={kept} />
      ))}
    </ul>
  );
}

function KeptDownload({ kept }: { kept: DownloadFacts }) {
  const actions = useActions();
  const name = kept.step === null ? kept.tag : `${kept.tag}, step ${count(kept.step)}`;
  const total = kept.totalBytes === null ? '' : ` of ${bytes(kept.totalBytes)}`;
  return (
    <li>
      <span>
        <strong>{name}</strong>{' '}
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {kept.host}, {kept.isWhole ? bytes(kept.doneBytes) : `${bytes(kept.doneBytes)}${total}`}
        </span>
      </span>
      <span className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          aria-label={`${kept.isWhole ? 'Open' : 'Resume download of'} ${name}`}
          onClick={() => void actions.model.remote.resume(kept)}
        >
          {kept.isWhole ? 'Open' : 'Resume'}
        </button>
        <ConfirmButton
          label="Delete"
          subject={`download of ${name}`}
          question="Delete this download?"
          onConfirm={() => void actions.model.remote.deleteDownload(kept.id)}
        />
      </span>
    </li>
  );
}
