// What storage holds and nobody can read: each by its name, to take out as it is or to delete.
import type { UnreadableRecord } from '../../engine/shared/api';
import { saveBlob } from '../files';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

export function UnreadablePanel() {
  const records = useAppState((state) => state.unreadable);
  if (records.length === 0) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="unreadable">
      <h2 id="unreadable">Unreadable entries</h2>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        These were stored by this browser and are damaged, or a newer version wrote them. Everything
        else works as usual.
      </p>
      <ul className={rowStyles.list}>
        {records.map((record) => (
          <UnreadableItem key={record.key} record={record} />
        ))}
      </ul>
    </section>
  );
}

function UnreadableItem({ record: { key, what, name, reason } }: { record: UnreadableRecord }) {
  const actions = useActions();
  async function save() {
    const blob = await actions.records.exportRaw(key);
    if (blob !== null) saveBlob(blob, `${key.replace(/[^\w.-]+/g, '_')}.zip`);
  }
  return (
    <li className={rowStyles.item}>
      <div className={rowStyles.name}>
        <div>
          {what.charAt(0).toUpperCase() + what.slice(1)}{' '}
          <span className={wordStyles.mono}>{name}</span>
        </div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>{reason}</div>
      </div>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Export raw: ${what} ${name}`}
          title="Zip of what is stored, as it is"
          onClick={() => void save()}
        >
          <Icon name="download" />
          Export raw
        </button>
        <ConfirmButton
          label="Delete"
          subject={`${what} ${name}`}
          question="Delete what cannot be read?"
          onConfirm={() => void actions.records.deleteRecord(key)}
        />
      </div>
    </li>
  );
}
