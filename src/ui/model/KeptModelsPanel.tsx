// Earlier imports that this browser kept, to open again or delete.
import type { KeptModel } from '../../engine/model/api';
import { bytes } from '../parts/numberText';
import { ConfirmButton } from '../parts/ConfirmButton';
import { ProblemNote } from '../parts/Messages';
import { useActions, useFacts } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

export function KeptModelsPanel() {
  const kept = useFacts((facts) => facts.model.kept);
  const note = useFacts((facts) => facts.model.keptNote);
  const problem = useFacts(({ model }) => (model.lastSource === 'kept' ? model.problem : null));
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
  const isOpen = useFacts((facts) => facts.model.facts?.id === model.id);
  const isOpening = useFacts((facts) => facts.model.opening);
  const { openKept, deleteKept } = useActions();
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
          onClick={() => void openKept(model.id)}
        >
          Open
        </button>
        <ConfirmButton
          label="Delete"
          subject={model.name}
          question={`Delete the kept copy of ${model.name}, ${bytes(model.byteLength)}?`}
          onConfirm={() => void deleteKept(model.id)}
        />
      </span>
    </li>
  );
}
