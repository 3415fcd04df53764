// Under an example: the button that switches the feature off in it, and the result while it is open.
import type { ExampleToken } from '../../../engine/statistics/api';
import { generationBlock } from '../../../store/generate/generateSelectors';
import { LoadingLine } from '../../parts/load/LoadingLine';
import { lazyPart } from '../../parts/load/lazyPart';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';

const AblationPanel = lazyPart(
  'The result without the feature',
  async () => (await import('./AblationPanel')).AblationPanel,
  <LoadingLine />,
);

type AblationSlotProps = {
  /** must be the same object as long as it is the same example */
  tokens: readonly ExampleToken[];
  /** "example 3" */
  name: string;
};

export function AblationSlot({ tokens, name }: AblationSlotProps) {
  const block = useAppState(generationBlock);
  const view = useAppState((state) => {
    const { ablation } = state.explore.probe;
    return ablation?.source === tokens ? ablation : null;
  });
  const actions = useActions();
  return (
    <>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, wordStyles.small)}
        aria-expanded={view !== null}
        disabled={block !== null}
        title={block ?? 'Runs the model again without this feature'}
        onClick={() => actions.explore.probe.toggleAblation(tokens)}
      >
        {view === null ? 'Switch off' : 'Close'}{' '}
        <span className={wordStyles.visuallyHidden}>in {name}</span>
      </button>
      {view !== null && <AblationPanel view={view} />}
    </>
  );
}
