// At a text: the button that switches the feature off in it, and the result while it is open.
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

type AblatedText = {
  /** must be the same object as long as it is the same text */
  tokens: readonly ExampleToken[];
};

/** name: "example 3" */
export function AblationButton({ tokens, name }: AblatedText & { name: string }) {
  const block = useAppState(generationBlock);
  const isOpen = useView(tokens) !== null;
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.linkButton, wordStyles.small)}
      aria-expanded={isOpen}
      disabled={block !== null}
      title={block ?? 'Runs the model again without this feature'}
      onClick={() => actions.explore.probe.toggleAblation(tokens)}
    >
      {isOpen ? 'Close' : 'Switch off'} <span className={wordStyles.visuallyHidden}>in {name}</span>
    </button>
  );
}

export function AblationResult({
  tokens,
  className,
}: AblatedText & { className?: string | undefined }) {
  const view = useView(tokens);
  if (view === null) return null;
  return (
    <div className={className}>
      <AblationPanel view={view} />
    </div>
  );
}

function useView(tokens: readonly ExampleToken[]) {
  return useAppState((state) => {
    const { ablation } = state.explore.probe;
    return ablation?.source === tokens ? ablation : null;
  });
}
