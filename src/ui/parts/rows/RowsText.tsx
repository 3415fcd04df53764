// The open rows in a few sentences: how many, what is known of them, what is held out.
import { counted } from '../../../core/text/counted';
import { openRows } from '../../../store/model/openRows';
import { useAppState } from '../../storeContext';
import { classNames } from '../look/classNames';
import wordStyles from '../look/words.module.css';
import { count } from '../text/numberText';

export function RowsText() {
  const rows = useAppState(openRows);
  if (rows === null) return null;
  const { file, described, media, missing } = rows;
  return (
    <>
      <p>
        {counted(rows.count, 'row')} of {counted(rows.width, 'number')} from{' '}
        <span className={classNames(wordStyles.mono, wordStyles.wrapAnywhere)}>{file}</span>.{' '}
        <span className={wordStyles.muted}>They stay on this device.</span>
      </p>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {described === 0
          ? 'Nothing says what they stand for: drop a rows.jsonl with the file to see texts or pictures.'
          : `${described === rows.count ? 'Each has' : `${count(described)} of them have`} a line in rows.jsonl; ${counted(media, 'picture or recording', 'pictures or recordings')} came along.`}{' '}
        A tenth is held out to measure on; rows of one document or picture stay together if there
        are many.
      </p>
      {missing > 0 && (
        <p className={wordStyles.small} role="status">
          Not in the drop: {counted(missing, 'picture or recording', 'pictures or recordings')} that
          rows.jsonl names. Drop them with it, many of them best in one zip.
        </p>
      )}
    </>
  );
}
