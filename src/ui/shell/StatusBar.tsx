// One line about the machine and its work: device, model backend, job, problem; theme and help.
import type { Theme } from '../../core/share/shareState';
import type { DeviceFacts } from '../../engine/shared/api';
import { currentJob } from '../../store/shell/currentJob';
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import styles from './StatusBar.module.css';

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function StatusBar() {
  const device = useAppState((state) => state.device);
  const hasProblem = useAppState((state) => state.shell.banner !== null);
  return (
    <section className={styles.status} aria-label="Status">
      <DeviceItem device={device} />
      {device !== null && (
        <span className={classNames(styles.item, styles.backend)} title={device.backendReason}>
          model on {device.modelBackend === 'webgpu' ? 'WebGPU' : 'wasm'}
        </span>
      )}
      <JobItem />
      {hasProblem && <span className={classNames(styles.item, styles.problem)}>problem</span>}
      <Tools />
    </section>
  );
}

function DeviceItem({ device }: { device: DeviceFacts | null }) {
  if (device === null) {
    return (
      <span className={styles.item}>
        <span className={styles.dot} />
        <span className={styles.text}>looking for a GPU</span>
      </span>
    );
  }
  const name = device.problem === null ? (device.adapter ?? 'WebGPU') : 'No WebGPU';
  return (
    <span className={styles.item} title={device.problem ?? device.adapter ?? ''}>
      <span
        className={classNames(styles.dot, device.problem === null ? styles.good : styles.bad)}
      />
      <span className={styles.text}>
        {name}
        {device.isSoftware && device.problem === null && ' (software)'}
      </span>
    </span>
  );
}

function JobItem() {
  // Two primitives, so that a new but equal object does not render.
  const label = useAppState((state) => currentJob(state)?.label ?? null);
  const fraction = useAppState((state) => currentJob(state)?.fraction ?? null);
  return (
    <span className={classNames(styles.item, styles.job)}>
      {label !== null && (
        <>
          {fraction !== null && (
            <span className={styles.meter} aria-hidden="true">
              <span style={{ width: `${100 * Math.min(1, fraction)}%` }} />
            </span>
          )}
          <span className={styles.text}>
            {label}
            {fraction !== null && ` ${Math.floor(100 * fraction)} %`}
          </span>
        </>
      )}
    </span>
  );
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
        aria-label="Help: keys and glossary"
        title="Keys and glossary (?)"
        onClick={() => actions.shell.setHelpOpen(true)}
      >
        <Icon name="help" />
      </button>
    </span>
  );
}
