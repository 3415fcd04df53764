// The page: frame, banners, the current screen. Lays out, computes nothing.
import type { ComponentType } from 'react';
import type { View } from '../core/share/shareState';
import type { AppStore } from '../store/appStore';
import { openRows } from '../store/model/openRows';
import { EvaluateScreen } from './evaluate/EvaluateScreen';
import { ExploreScreen } from './explore/ExploreScreen';
import { useKeyboard } from './hooks/useKeyboard';
import { useScreenPlace } from './hooks/useScreenPlace';
import { useTheme } from './hooks/useTheme';
import { ChooseSaes } from './library/ChooseSaes';
import { LibraryScreen } from './library/LibraryScreen';
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
import { SteerScreen } from './steer/SteerScreen';
import { StoreContext, useAppState } from './storeContext';
import { TrainScreen } from './train/TrainScreen';
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

const CircuitsScreen = lazyPart(
  'The Circuits screen',
  async () => (await import('./circuits/CircuitsScreen')).CircuitsScreen,
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

const Embed = lazyPart('What was shared', async () => (await import('./share/Embed')).Embed);

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
      {publishing !== null && <PublishDialog first={publishing} />}
      <WindowDrop />
      <FocusHint />
      <Announcer />
    </div>
  );
}
