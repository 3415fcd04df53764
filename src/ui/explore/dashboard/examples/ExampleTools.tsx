// Actions on one example of a feature: try it in the test box, switch the feature off in it.
import { useMemo } from 'react';
import type { Example } from '../../../../engine/statistics/api';
import { useActions } from '../../../storeContext';
import { AblationButton, AblationResult } from '../../probe/AblationSlot';
import { windowOf } from './exampleWindow';
import { TEST_BOX_ID } from '../../probe/testBoxId';
import { classNames } from '../../../parts/look/classNames';
import controlStyles from '../../../parts/look/controls.module.css';
import wordStyles from '../../../parts/look/words.module.css';
import styles from './ExampleTools.module.css';

export function ExampleTools({ example, name }: { example: Example; name: string }) {
  const actions = useActions();
  // A copy of the list: examples of one sequence share theirs, but an open ablation is identified by its
  // list.
  const tokens = useMemo(() => example.tokens.slice(), [example]);
  function send() {
    // The test box takes 500 characters, so the text around the peak is used.
    actions.explore.probe.sendExample(windowOf(example, '16').tokens);
    const box = document.getElementById(TEST_BOX_ID);
    box?.focus();
    box?.scrollIntoView({ block: 'nearest' });
  }
  return (
    <>
      <div className={styles.tools}>
        <button
          type="button"
          className={classNames(controlStyles.linkButton, wordStyles.small)}
          onClick={send}
        >
          Try this text <span className={wordStyles.visuallyHidden}>of {name}</span>
        </button>
        <AblationButton tokens={tokens} name={name} />
      </div>
      <AblationResult tokens={tokens} className={styles.result} />
    </>
  );
}
