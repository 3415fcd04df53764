// In place of a screen that needs a language model, while rows of a file are open: why it is not here, and the ways on.
import type { View } from '../../core/share/shareState';
import { openRows } from '../../store/model/openRows';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import { ScreenHead } from '../parts/ScreenHead';
import { useActions, useAppState } from '../storeContext';
import { screenName } from './screens';

/** What each such screen does, which rows alone cannot give. */
export const NEEDS_MODEL: Partial<Record<View, string>> = {
  start: 'Here a language model reads your text word by word',
  steer: 'Here a language model writes, and a feature changes what it writes',
  circuits: 'Here the next word of a language model is traced back through it',
};

export function NeedsModel() {
  const view = useAppState((state) => state.shell.view);
  const file = useAppState((state) => openRows(state)?.file ?? '');
  const actions = useActions();
  return (
    <>
      <ScreenHead name={screenName(view)} purpose={`${NEEDS_MODEL[view] ?? ''}.`} />
      <section
        className={classNames(layoutStyles.panel, layoutStyles.empty)}
        aria-label="No language model"
      >
        <strong>Open now: rows of {file}, without the language model they came from</strong>
        <p>
          An SAE can be trained on the rows, explored and measured; whatever is written or predicted
          needs a model.
        </p>
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            onClick={() => actions.shell.show('train')}
          >
            Train on the rows
          </button>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.model.openDemo()}
          >
            Open the demo model
          </button>
        </div>
      </section>
    </>
  );
}
