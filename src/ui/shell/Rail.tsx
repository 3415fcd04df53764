// Navigation: a rail on wide windows, a bar at the bottom of a phone.
import type { View } from '../../core/share/shareState';
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import { LIBRARY, SCREENS } from './screens';
import styles from './Rail.module.css';

export function Rail() {
  const actions = useActions();
  return (
    <nav className={styles.rail} aria-label="Screens">
      {SCREENS.map((screen) => (
        <RailButton key={screen.view} {...screen} />
      ))}
      <span className={styles.gap} />
      <RailButton {...LIBRARY} />
      <button
        type="button"
        className={classNames(styles.item, styles.help)}
        onClick={() => actions.shell.setHelpOpen(true)}
      >
        <Icon name="help" />
        Help
      </button>
    </nav>
  );
}

function RailButton({ view, name }: { view: View; name: string }) {
  const isHere = useAppState((state) => state.shell.view === view);
  const actions = useActions();
  return (
    <button
      type="button"
      className={styles.item}
      aria-current={isHere ? 'page' : undefined}
      onClick={() => {
        if (isHere) window.scrollTo(0, 0);
        actions.shell.show(view);
      }}
    >
      <Icon name={view} />
      {name}
    </button>
  );
}
