// What stands in place of a part that is being loaded, where a line is enough.
import { classNames } from '../look/classNames';
import wordStyles from '../look/words.module.css';

export function LoadingLine() {
  return <p className={classNames(wordStyles.muted, wordStyles.small)}>Loading…</p>;
}
