// Earlier imports stored in this browser, to open again or delete.
import type { KeptModel } from '../../engine/model/api';
import { bytes } from '../parts/text/numberText';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { ProblemNote } from '../parts/Messages';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export function KeptModelsPanel() {
  const kept = useAppState((state) => state.model.kept);
  const note = useAppState((state) => state.model.keptNote);
  const problem = useAppState(({ model }) => (model.lastSource === 'kept' ? model.problem : null));
  if (kept.length === 0 && note === null && problem === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="kept-models">
      <h2 id="kept-models">Earlier imports</h2>
      <ProblemNote problem={problem} />
      {note !== null && <p role="status">{note}</p>}
      <ul className={rowStyles.list}>
        {kept.map((model) => (
          <KeptItem key={model.id} model={model} />
        ))}
      </ul>
    </section>
  );
}

function KeptItem({ model }: { model: KeptModel }) {
  const isOpen = useAppState((state) => state.model.open?.keptId === model.id);
  const isOpening = useAppState((state) => state.model.opening);
  const actions = useActions();
  return (
    <li className={rowStyles.item}>
      <span>
        {model.name} {isOpen && <span className={controlStyles.chip}>open now</span>}{' '}
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {bytes(model.byteLength)}, {date.format(new Date(model.savedAt))}
        </span>
      </span>
      <span className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          disabled={isOpen || isOpening}
          aria-label={`Open ${model.name}`}
          onClick={() => void actions.model.openKept(model.id)}
        >
          Open
        </button>
        <ConfirmButton
          label="Delete"
          subject={model.name}
          question={`Delete the kept copy of ${model.name}, ${bytes(model.byteLength)}?`}
          onConfirm={() => void actions.model.deleteKept(model.id)}
        />
      </span>
    </li>
  );
}
