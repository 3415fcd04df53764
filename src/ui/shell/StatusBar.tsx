// One line on the machine and its work: device, model backend, job, problem; theme and help.
import type { Theme } from '../../core/share/shareState';
import type { DeviceFacts } from '../../engine/shared/api';
import { currentJob } from '../../store/selectors';
import { Icon } from '../parts/Icon';
import { useActions, useFacts } from '../storeContext';

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function StatusBar() {
  const device = useFacts((facts) => facts.device);
  const hasProblem = useFacts((facts) => facts.shell.banner !== null);
  return (
    <section className="status" aria-label="Status">
      <DeviceItem device={device} />
      {device !== null && (
        <span className="status-item status-backend" title={device.backendReason}>
          model on {device.modelBackend === 'webgpu' ? 'WebGPU' : 'wasm'}
        </span>
      )}
      <JobItem />
      {hasProblem && <span className="status-item status-problem">problem</span>}
      <Tools />
    </section>
  );
}

function DeviceItem({ device }: { device: DeviceFacts | null }) {
  if (device === null) {
    return (
      <span className="status-item">
        <span className="status-dot" />
        <span className="status-text">looking for a GPU</span>
      </span>
    );
  }
  const name = device.problem === null ? (device.adapter ?? 'WebGPU') : 'No WebGPU';
  return (
    <span className="status-item" title={device.problem ?? device.adapter ?? ''}>
      <span className={`status-dot ${device.problem === null ? 'good' : 'bad'}`} />
      <span className="status-text">
        {name}
        {device.isSoftware && device.problem === null && ' (software)'}
      </span>
    </span>
  );
}

function JobItem() {
  // Two primitives, so that a new but equal object does not render.
  const label = useFacts((facts) => currentJob(facts)?.label ?? null);
  const fraction = useFacts((facts) => currentJob(facts)?.fraction ?? null);
  return (
    <span className="status-item status-job">
      {label !== null && (
        <>
          {fraction !== null && (
            <span className="status-meter" aria-hidden="true">
              <span style={{ width: `${100 * Math.min(1, fraction)}%` }} />
            </span>
          )}
          <span className="status-text">
            {label}
            {fraction !== null && ` ${Math.floor(100 * fraction)} %`}
          </span>
        </>
      )}
    </span>
  );
}

function Tools() {
  const theme = useFacts((facts) => facts.shell.theme);
  const { setTheme, setHelpOpen } = useActions();
  return (
    <span className="status-tools">
      <button
        type="button"
        className="button quiet icon"
        aria-label={`Theme: ${theme}. Change to ${NEXT_THEME[theme]}`}
        title={`Theme: ${theme}`}
        onClick={() => setTheme(NEXT_THEME[theme])}
      >
        <Icon name={theme} />
      </button>
      <button
        type="button"
        className="button quiet icon"
        aria-label="Help: keys and glossary"
        title="Keys and glossary (?)"
        onClick={() => setHelpOpen(true)}
      >
        <Icon name="help" />
      </button>
    </span>
  );
}
