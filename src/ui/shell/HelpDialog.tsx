// Help: the guide, keys and terms, opened with `?`.
import { HELP_LINES } from '../hooks/shortcuts';
import { Dialog } from '../parts/Dialog';
import { useActions, useAppState } from '../storeContext';
import { GLOSSARY } from '../parts/text/glossary';
import { GUIDE, guideAddress } from './guide';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './HelpDialog.module.css';

export function HelpDialog() {
  const helpOpen = useAppState((state) => state.shell.helpOpen);
  const shortcutsOn = useAppState((state) => state.shell.shortcutsOn);
  const actions = useActions();
  if (!helpOpen) return null;
  return (
    <Dialog title="Help" onClose={() => actions.shell.setHelpOpen(false)}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => {
          actions.shell.setHelpOpen(false);
          actions.tour.begin();
        }}
      >
        Show me around
      </button>
      <h3 className={styles.heading}>Guide</h3>
      <ul className={styles.guide}>
        {GUIDE.map(({ page, title }) => (
          <li key={page}>
            <a href={guideAddress(page)} target="_blank" rel="noreferrer">
              {title}
            </a>
          </li>
        ))}
      </ul>
      <h3 className={styles.heading}>Keys</h3>
      <label className={classNames(controlStyles.check, wordStyles.small)}>
        <input
          type="checkbox"
          checked={shortcutsOn}
          onChange={(event) => actions.shell.setShortcutsOn(event.target.checked)}
        />
        Single-key shortcuts, outside text fields
      </label>
      <dl className={styles.keys}>
        {HELP_LINES.map((line) => (
          <div key={line.action}>
            <dt>{line.action}</dt>
            <dd>
              {line.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className={styles.heading}>Words</h3>
      <dl className={styles.glossary}>
        {GLOSSARY.map((entry) => (
          <GlossaryEntry key={entry.term} {...entry} />
        ))}
      </dl>
    </Dialog>
  );
}

function GlossaryEntry({ term, meaning }: { term: string; meaning: string }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{meaning}</dd>
    </>
  );
}
