// The bar above every screen: what everything is about, what goes on, the machine, theme and help.
import type { Theme } from '../../core/share/shareState';
import type { DeviceFacts } from '../../engine/shared/api';
import type { EngineHealth } from '../../store/shell/shellState';
import { Icon } from '../parts/Icon';
import { PopoverMenu } from '../parts/PopoverMenu';
import { useActions, useAppState } from '../storeContext';
import { ContextBar } from './context/ContextBar';
import { JobsMenu } from './JobsMenu';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import styles from './TopBar.module.css';

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function TopBar() {
  return (
    <header className={styles.bar}>
      <div className={styles.brand}>
        <Mark />
        <span className={styles.brandName}>nanoscope</span>
      </div>
      <ContextBar />
      <div className={styles.right}>
        <JobsMenu />
        <Device />
        <Tools />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <circle cx="14" cy="14" r="9.5" stroke="var(--accent)" strokeWidth="3" />
      <path d="m21 21 7.5 7.5" stroke="var(--accent)" strokeWidth="3.5" strokeLinecap="round" />
      <circle cx="14" cy="14" r="3.6" fill="var(--ramp-high)" />
    </svg>
  );
}

const WAITING: Record<EngineHealth['kind'], string> = {
  starting: 'starting',
  answers: 'looking for a GPU',
  silent: 'engine silent',
  failed: 'engine not started',
};

/** In a word what computes; in full on request. */
function Device() {
  const device = useAppState((state) => state.device);
  const engine = useAppState((state) => state.shell.engine.kind);
  if (device === null) return <span className={styles.device}>{WAITING[engine]}</span>;
  return (
    <PopoverMenu name="Device" face={deviceWord(device)} className={styles.device}>
      {() => (
        <dl className={styles.facts}>
          <dt>Graphics</dt>
          <dd>
            {device.problem ??
              `WebGPU on ${device.adapter ?? 'an unnamed adapter'}${device.isSoftware ? ', drawn by the processor' : ''}`}
          </dd>
          <dt>Model</dt>
          <dd>
            model on {device.modelBackend === 'webgpu' ? 'WebGPU' : 'wasm'}. {device.backendReason}
          </dd>
          <dt>Features</dt>
          <dd>
            SAEs on {device.saeBackend === 'webgpu' ? 'WebGPU' : 'the processor'}.{' '}
            {device.saeBackendReason}
          </dd>
        </dl>
      )}
    </PopoverMenu>
  );
}

function deviceWord({ problem, isSoftware }: DeviceFacts): string {
  if (problem !== null) return 'no WebGPU';
  return isSoftware ? 'no GPU: processor' : 'GPU';
}

function Tools() {
  const theme = useAppState((state) => state.shell.theme);
  const actions = useActions();
  return (
    <span className={styles.tools}>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
        aria-label={`Theme: ${theme}. Change to ${NEXT_THEME[theme]}`}
        title={`Theme: ${theme}`}
        onClick={() => actions.shell.setTheme(NEXT_THEME[theme])}
      >
        <Icon name={theme} />
      </button>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
        aria-label="Help: guide, keys, words"
        title="Guide, keys, words (?)"
        onClick={() => actions.shell.setHelpOpen(true)}
      >
        <Icon name="help" />
      </button>
    </span>
  );
}
