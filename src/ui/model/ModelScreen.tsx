// The Model screen: the loaded model, text from it, its hook points, its tokenizer, opening another.
import { ScreenHead } from '../parts/ScreenHead';
import { useAppState } from '../storeContext';
import { ArchitectureStrip } from './ArchitectureStrip';
import { GenerationPanel } from './GenerationPanel';
import { ImportCheckPanel } from './ImportCheckPanel';
import { KeptModelsPanel } from './KeptModelsPanel';
import { ModelPanel } from './ModelPanel';
import { OwnModelPanel } from './OwnModelPanel';
import { PrecisionPanel } from './PrecisionPanel';
import { TokenizerPanel } from './TokenizerPanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import styles from './ModelScreen.module.css';

export function ModelScreen() {
  const hasModel = useAppState((state) => state.model.open !== null);
  return (
    <>
      <ScreenHead name="Model" purpose="A nanochat checkpoint, in this tab. Nothing is uploaded." />
      <div className={classNames(layoutStyles.split, layoutStyles.split5to7, styles.screen)}>
        <div className={layoutStyles.stack}>
          <ModelPanel />
          <ImportCheckPanel />
          <PrecisionPanel />
          <OwnModelPanel />
          <KeptModelsPanel />
        </div>
        <div className={layoutStyles.stack}>
          <GenerationPanel />
          <TokenizerPanel />
        </div>
      </div>
      {hasModel && <ArchitectureStrip />}
    </>
  );
}
