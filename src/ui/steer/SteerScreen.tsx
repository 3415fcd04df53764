// The Steer screen: slots on dials, two texts in step, and the tools around them.
import { ScreenHead } from '../parts/ScreenHead';
import { DosePanel } from './tools/DosePanel';
import { FeatureStreamPanel } from './tools/FeatureStreamPanel';
import { LanesPanel } from './lanes/LanesPanel';
import { PresetsPanel } from './tools/PresetsPanel';
import { PromptPanel } from './PromptPanel';
import { ReadingPanel } from './tools/ReadingPanel';
import { SlotsPanel } from './slots/SlotsPanel';
import { useAppState } from '../storeContext';
import { VectorsPanel } from './tools/VectorsPanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import styles from './SteerScreen.module.css';

export function SteerScreen() {
  const isEmpty = useAppState(({ steer }) => steer.setup.slots.length === 0);
  return (
    <>
      <ScreenHead
        name="Steer"
        purpose="Turn features up and down while text is made; the baseline runs beside it. Small models have weak features, and a label is a guess."
      />
      <div className={classNames(layoutStyles.split, layoutStyles.split4to8, styles.screen)}>
        <div className={layoutStyles.stack}>
          <SlotsPanel />
          <PromptPanel />
          {!isEmpty && <PresetsPanel />}
          <VectorsPanel />
        </div>
        <div className={layoutStyles.stack}>
          {isEmpty && <PresetsPanel />}
          <LanesPanel />
          <FeatureStreamPanel />
          <DosePanel />
          <ReadingPanel />
        </div>
      </div>
    </>
  );
}
