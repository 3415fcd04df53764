// The SAEs in this browser: look through one, take it out, delete it, bring one in.
import { useState } from 'react';
import { saeName } from '../../core/sae/saeName';
import type { Problem } from '../../engine/shared/api';
import type { SaeFacts } from '../../engine/sae/api';
import { bugProblem } from '../../store/problems';
import { architectureText } from '../parts/text/architectureText';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { DropZone } from '../parts/DropZone';
import { hookText } from '../parts/text/hookText';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { count, measure } from '../parts/text/numberText';
import { deadText } from '../parts/text/deadText';
import { SaeFitNote } from '../parts/SaeFitNote';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';
import { SaeExportMenu, SaeExportProgress } from './SaeExportMenu';
import styles from './SaeList.module.css';

export function SaeList() {
  const list = useAppState((state) => state.sae.list);
  const problem = useAppState((state) => state.sae.problem);
  return (
    <section className={layoutStyles.panel} aria-labelledby="saes">
      <h2 id="saes">SAEs</h2>
      <ProblemNote problem={problem} />
      {list === null ? (
        <div className={layoutStyles.skeleton} role="status" aria-label="Listing SAEs" />
      ) : (
        <ul className={rowStyles.list}>
          {list.map((sae) => (
            <SaeItem key={sae.saeId} sae={sae} />
          ))}
        </ul>
      )}
      <ImportSae />
    </section>
  );
}

function SaeItem({ sae }: { sae: SaeFacts }) {
  const isChosen = useAppState((state) => state.sae.selectedId === sae.saeId);
  const [isRenaming, setRenaming] = useState(false);
  const name = saeName(sae);
  return (
    <li className={rowStyles.item}>
      <div className={rowStyles.name}>
        <div>
          {isRenaming ? <NameField sae={sae} onClose={() => setRenaming(false)} /> : <>{name} </>}
          {isChosen && <span className={controlStyles.chip}>chosen</span>}{' '}
          {sae.isUnstored === true && (
            <span className={controlStyles.chip}>in this tab only, not stored</span>
          )}
          {sae.hasSharedStatistics === true && (
            <span className={controlStyles.chip}>statistics as shared</span>
          )}
        </div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>{saeFacts(sae)}</div>
      </div>
      <SaeButtons sae={sae} onRename={isRenaming ? null : () => setRenaming(true)} />
      <SaeExportProgress sae={sae} />
      {sae.origin === 'imported' && (
        <div className={styles.fit}>
          <SaeFitNote sae={sae} />
        </div>
      )}
    </li>
  );
}

/** onRename: null while its name is being typed */
function SaeButtons({ sae, onRename }: { sae: SaeFacts; onRename: (() => void) | null }) {
  const busy = useAppState((state) => state.sae.busy);
  const actions = useActions();
  const name = saeName(sae);
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        aria-label={`Explore ${name}`}
        onClick={() => actions.explore.openSae(sae.saeId)}
      >
        Explore
      </button>
      <SaeExportMenu sae={sae} />
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet)}
        aria-label={`Publish ${name}`}
        title="As a folder to put on the web"
        onClick={() => actions.share.give.choosePublished([sae.saeId])}
      >
        <Icon name="share" />
        Publish
      </button>
      {sae.isUnstored === true && (
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={busy !== null}
          aria-label={`Store ${name}`}
          onClick={() => void actions.sae.store(sae.saeId)}
        >
          {busy === 'store' ? 'Storing…' : 'Store it'}
        </button>
      )}
      {sae.origin !== 'demo' && onRename !== null && (
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Rename ${name}`}
          onClick={onRename}
        >
          Rename
        </button>
      )}
      {sae.origin !== 'demo' && (
        <ConfirmButton
          label="Delete"
          subject={name}
          question={`Delete ${name} and its statistics?`}
          disabled={busy !== null}
          onConfirm={() => void actions.sae.deleteSae(sae.saeId)}
        />
      )}
    </div>
  );
}

/** Enter gives it the name, Esc keeps the old one. */
function NameField({ sae, onClose }: { sae: SaeFacts; onClose: () => void }) {
  const [name, setName] = useState(saeName(sae));
  const actions = useActions();
  const save = async () => {
    if (await actions.sae.rename(sae.saeId, name)) onClose();
  };
  return (
    <form
      className={layoutStyles.buttonRow}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <input
        className={classNames(inputStyles.input, styles.nameField)}
        aria-label={`New name of ${saeName(sae)}`}
        autoFocus
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
      />
      <button
        type="submit"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={name.trim() === ''}
      >
        Save
      </button>
    </form>
  );
}

function saeFacts(sae: SaeFacts): string {
  return [
    hookText(sae.hookPoint),
    `${count(sae.d_sae)} features`,
    architectureText(sae.architecture, sae.k),
    ...(sae.tokens === null ? [] : [`${measure(sae.tokens)} tokens`]),
    ...(sae.explainedVariance === null
      ? []
      : [`explained variance ${measure(sae.explainedVariance)}`]),
    ...deadText(sae),
  ].join(' · ');
}

function ImportSae() {
  const busy = useAppState((state) => state.sae.busy);
  const actions = useActions();
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <>
      <ProblemNote problem={problem} />
      <DropZone
        label="Import an SAE"
        accept=".safetensors,.json,.zip,.pt,.pth"
        offersFolder
        onFiles={(files) => {
          setProblem(null);
          void actions.sae.importFiles(files);
        }}
        onFailure={(cause) => setProblem(bugProblem(cause))}
      >
        <p className={wordStyles.small}>
          {busy === 'import' ? (
            'Reading…'
          ) : (
            <>
              Drop the folder of an SAE that SAELens, sparsify or dictionary_learning saved, or a
              zip downloaded here. Of a published one, statistics, notes and guessed names come
              along.
            </>
          )}
        </p>
      </DropZone>
    </>
  );
}
