// A feature of one of two SAEs that are compared, by its name, its number small behind it. An SAE that is not open is asked
// for what its features fire on; as it was at a step of its training it has no names.
import { useEffect } from 'react';
import type { ComparedSae } from '../../../engine/explore/api';
import { useFeatureName } from '../../parts/feature/useFeatureName';
import { useActions } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ComparedName.module.css';

export function ComparedName({ of, latentIndex }: { of: ComparedSae; latentIndex: number }) {
  const { saeId, step } = of;
  const hasNames = step === null;
  const { text } = useFeatureName(hasNames ? saeId : null, latentIndex);
  const actions = useActions();
  useEffect(() => {
    if (hasNames) actions.statistics.cards.want(saeId, latentIndex);
  }, [actions, hasNames, saeId, latentIndex]);
  return (
    <span className={styles.name} title={text}>
      {text}{' '}
      {hasNames && (
        <span className={classNames(wordStyles.muted, wordStyles.small)}>{latentIndex}</span>
      )}
    </span>
  );
}
