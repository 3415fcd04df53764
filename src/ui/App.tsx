// The page: frame, banners, the current screen. Lays out, computes nothing.
import type { ComponentType } from 'react';
import type { View } from '../core/share/shareState';
import type { AppStore } from '../store/appStore';
import { openRows } from '../store/model/openRows';
import { useKeyboard } from './hooks/useKeyboard';
import { useScreenPlace } from './hooks/useScreenPlace';
import { useTheme } from './hooks/useTheme';
import { lazyPart } from './parts/load/lazyPart';
import { Boundary } from './parts/load/Boundary';
import { Announcer } from './shell/Announcer';
import { FocusHint } from './shell/FocusHint';
import { Banners } from './shell/Banners';
import { HelpDialog } from './shell/HelpDialog';
import { NEEDS_MODEL, NeedsModel } from './shell/NeedsModel';
import { Rail } from './shell/Rail';
import { screenName } from './shell/screens';
import { TopBar } from './shell/TopBar';
import { TourStrip } from './shell/tour/TourStrip';
import { WindowDrop } from './shell/drop/WindowDrop';
import { StartScreen } from './start/StartScreen';
import { StoreContext, useAppState } from './storeContext';
import { classNames } from './parts/look/classNames';
import styles from './App.module.css';

/** Screens whose panes scroll on their own. */
const PANED: readonly View[] = ['explore'];

/** What came by a link or as a file stands in place of a screen until it is put away. */
const SharedScreen = lazyPart(
  'What was shared',
  async () => (await import('./share/SharedScreen')).SharedScreen,
);
const ShareDialog = lazyPart(
  'Sharing',
  async () => (await import('./share/ShareDialog')).ShareDialog,
);
const PublishDialog = lazyPart(
  'Publishing',
  async () => (await import('./share/PublishDialog')).PublishDialog,
);
const ChooseMatrix = lazyPart(
  'The choice of a matrix',
  async () => (await import('./library/ChooseMatrix')).ChooseMatrix,
);
const ChooseSaes = lazyPart(
  'The choice of SAEs',
  async () => (await import('./library/ChooseSaes')).ChooseSaes,
);
const Embed = lazyPart('What was shared', async () => (await import('./share/Embed')).Embed);

/** Start is what most visits begin with: the others are fetched when they are first shown. */
const ExploreScreen = lazyPart(
  'The Explore screen',
  async () => (await import('./explore/ExploreScreen')).ExploreScreen,
);
const SteerScreen = lazyPart(
  'The Steer screen',
  async () => (await import('./steer/SteerScreen')).SteerScreen,
);
const TrainScreen = lazyPart(
  'The Train screen',
  async () => (await import('./train/TrainScreen')).TrainScreen,
);
const EvaluateScreen = lazyPart(
  'The Evaluate screen',
  async () => (await import('./evaluate/EvaluateScreen')).EvaluateScreen,
);
const CircuitsScreen = lazyPart(
  'The Circuits screen',
  async () => (await import('./circuits/CircuitsScreen')).CircuitsScreen,
);
const LibraryScreen = lazyPart(
  'The Library screen',
  async () => (await import('./library/LibraryScreen')).LibraryScreen,
);

const SCREENS: Record<View, ComponentType> = {
  start: StartScreen,
  explore: ExploreScreen,
  steer: SteerScreen,
  train: TrainScreen,
  evaluate: EvaluateScreen,
  circuits: CircuitsScreen,
  library: LibraryScreen,
};

export function App({ store }: { store: AppStore }) {
  return (
    <StoreContext value={store}>
      <Boundary what="nanoscope">
        <Page />
      </Boundary>
    </StoreContext>
  );
}

function Page() {
  const isEmbedded = useAppState((state) => state.share.embed !== null);
  return isEmbedded ? <Embed /> : <Shell />;
}

function Shell() {
  const view = useAppState((state) => state.shell.view);
  useTheme();
  useKeyboard();
  useScreenPlace(view);
  const isReceiving = useAppState(({ share }) => share.received !== null || share.source !== null);
  const isSharing = useAppState((state) => state.share.isDialogOpen);
  const found = useAppState((state) => state.sae.found);
  const matrices = useAppState((state) => state.model.rowMatrices);
  const publishing = useAppState((state) => state.share.publishing);
  const isPaned = PANED.includes(view) && !isReceiving;
  const isWithoutModel = useAppState((state) => openRows(state) !== null) && view in NEEDS_MODEL;
  const Screen = isReceiving ? SharedScreen : isWithoutModel ? NeedsModel : SCREENS[view];
  return (
    <div className={styles.shell}>
      <TopBar />
      <Rail />
      <main
        className={classNames(styles.main, isPaned && styles.paned)}
        data-panes={isPaned ? '' : undefined}
      >
        <div className={styles.inner}>
          <TourStrip />
          <Banners />
          <Boundary key={`${view} ${isReceiving}`} what={`The ${screenName(view)} screen`}>
            <Screen />
          </Boundary>
        </div>
      </main>
      <HelpDialog />
      {isSharing && <ShareDialog />}
      {found !== null && <ChooseSaes found={found} />}
      {matrices !== null && <ChooseMatrix matrices={matrices} />}
      {publishing !== null && <PublishDialog first={publishing} />}
      <WindowDrop />
      <FocusHint />
      <Announcer />
    </div>
  );
}
