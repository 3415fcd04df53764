// The Library: what is in this browser and how to bring in and take out; beside it the open model in detail.
import { openRows } from '../../store/model/openRows';
import { GenerationPanel } from '../model/GenerationPanel';
import { ImportCheckPanel } from '../model/ImportCheckPanel';
import { KeptModelsPanel } from '../model/KeptModelsPanel';
import { ModelPanel } from '../model/ModelPanel';
import { OwnModelPanel } from '../model/OwnModelPanel';
import { PrecisionPanel } from '../model/PrecisionPanel';
import { TokenizerPanel } from '../model/TokenizerPanel';
import { ScreenHead } from '../parts/ScreenHead';
import { RunList } from '../train/RunList';
import { TextFields } from '../train/TextFields';
import { useAppState } from '../storeContext';
import { SaeList } from './SaeList';
import { StoragePanel } from './StoragePanel';
import { UnreadablePanel } from './UnreadablePanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';

export function LibraryScreen() {
  const hasRows = useAppState((state) => openRows(state) !== null);
  return (
    <>
      <ScreenHead
        name="Library"
        purpose="What is in this browser: models, SAEs, runs, texts. Nothing is uploaded."
      />
      <div className={classNames(layoutStyles.split, layoutStyles.split5to7)}>
        <div className={layoutStyles.stack}>
          <UnreadablePanel />
          <OwnModelPanel />
          <KeptModelsPanel />
          <SaeList />
          <RunList />
          <section className={layoutStyles.panel} aria-label="Texts">
            <TextFields />
          </section>
          <StoragePanel />
        </div>
        <div className={layoutStyles.stack}>
          <ModelPanel />
          {!hasRows && (
            <>
              <GenerationPanel />
              <TokenizerPanel />
              <PrecisionPanel />
              <ImportCheckPanel />
            </>
          )}
        </div>
      </div>
    </>
  );
}
