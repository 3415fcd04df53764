// Navigation: a rail on wide windows, a tab bar on a phone.
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import { SCREEN_NAMES } from './screens';
import styles from './Rail.module.css';

export function Rail() {
  const view = useAppState((state) => state.shell.view);
  const actions = useActions();
  return (
    <header className={styles.rail}>
      <div className={styles.brand}>
        <Mark />
        <span className={styles.brandName}>nanoscope</span>
      </div>
      <nav className={styles.nav} aria-label="Screens">
        {SCREEN_NAMES.map((screen) => (
          <button
            key={screen.view}
            type="button"
            className={styles.item}
            aria-current={screen.view === view ? 'page' : undefined}
            onClick={() => {
              actions.shell.show(screen.view);
              window.scrollTo(0, 0);
            }}
          >
            <Icon name={screen.view} />
            {screen.name}
          </button>
        ))}
      </nav>
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
