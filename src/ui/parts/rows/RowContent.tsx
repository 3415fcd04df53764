// One row of another tool's file: its picture or what its box holds, its clip, its text with its part marked, or its
// label alone.
import { rowName, type ShownRow } from '../../../core/activations/rowFacts';
import { classNames } from '../look/classNames';
import wordStyles from '../look/words.module.css';
import styles from './RowContent.module.css';

/** isBrief: as one of several on a card, without what is said of it. */
export function RowContent({ shown, isBrief = false }: { shown: ShownRow; isBrief?: boolean }) {
  const { facts } = shown;
  const content = contentOf(shown, isBrief);
  if (isBrief) return content ?? <span className={styles.name}>{rowName(facts)}</span>;
  const isText = facts.kind === 'text' && facts.span !== undefined;
  const said = [isText ? '' : facts.label, facts.ref ?? '', `row ${facts.row}`];
  return (
    <div className={styles.row}>
      {content}
      <p className={classNames(wordStyles.muted, wordStyles.small, wordStyles.wrapAnywhere)}>
        {said.filter((part) => part !== '').join(' · ')}
      </p>
    </div>
  );
}

function contentOf({ facts, source }: ShownRow, isBrief: boolean) {
  const { kind, label, span, box, time } = facts;
  const name = label === '' ? `row ${facts.row}` : label;
  if (kind === 'image' && source !== null) {
    const look = classNames(styles.picture, isBrief && styles.thumb);
    if (box === undefined) return <img className={look} src={source} alt={name} title={name} />;
    return (
      <svg className={look} viewBox={box.join(' ')} role="img" aria-label={name}>
        <image href={source} />
      </svg>
    );
  }
  if (isBrief) return null;
  if (kind === 'audio' && source !== null) {
    const part = time === undefined ? '' : `#t=${time.join()}`;
    return <audio src={source + part} controls preload="none" aria-label={name} />;
  }
  if (kind !== 'text' || span === undefined) return null;
  return (
    <p className={styles.text}>
      {label.slice(0, span[0])}
      <mark>{label.slice(...span)}</mark>
      {label.slice(span[1])}
    </p>
  );
}
