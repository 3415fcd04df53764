// The Steer screen: dials and the two texts in one sight, the tools in a drawer below.
import { ScreenHead } from '../parts/ScreenHead';
import { DialsPane } from './DialsPane';
import { LanesPanel } from './lanes/LanesPanel';
import { PromptPanel } from './PromptPanel';
import { ToolDrawer } from './ToolDrawer';
import styles from './SteerScreen.module.css';

export function SteerScreen() {
  return (
    <>
      <ScreenHead name="Steer" purpose="Turn a feature up and watch the text change." />
      <div className={styles.screen}>
        <DialsPane />
        <div className={styles.texts}>
          <PromptPanel />
          <LanesPanel />
          <ToolDrawer />
        </div>
      </div>
    </>
  );
}
