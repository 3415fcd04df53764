// What everything on the page is about: the model, the place in it, the SAE there.
import { ModelMenu } from './ModelMenu';
import { PlaceMenu } from './PlaceMenu';
import { SaeMenu } from './SaeMenu';
import styles from './ContextBar.module.css';

export function ContextBar() {
  return (
    <section className={styles.context} aria-label="Model and SAE">
      <ModelMenu />
      <span className={styles.dot} aria-hidden="true">
        ·
      </span>
      <PlaceMenu
        after={
          <span className={styles.dot} aria-hidden="true">
            ·
          </span>
        }
      />
      <SaeMenu />
    </section>
  );
}
