// Picks, shows, imports and deletes SAEs.
import { useState } from 'react';
import type { Problem } from '../../engine/shared/api';
import type { SaeFacts } from '../../engine/sae/api';
import { bugProblem } from '../../store/problems';
import { selectedSae } from '../../store/sae/saeSelectors';
import { saveBlob } from '../files';
import { architectureText } from '../parts/architectureText';
import { count, measure } from '../parts/numberText';
import { deadText } from '../parts/deadText';
import { ConfirmButton } from '../parts/ConfirmButton';
import { DropZone } from '../parts/DropZone';
import { SaeFitNote } from './SaeFitNote';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { SelectField } from '../parts/fields/SelectField';
import { saeOption } from '../parts/saeOption';
import { useActions, useAppState } from '../storeContext';
import controlStyles from '../parts/look/controls.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './SaePanel.module.css';

export function SaePanel() {
  const list = useAppState((state) => state.sae.list);
  const sae = useAppState(selectedSae);
  return (
    <section className={layoutStyles.panel} aria-label="Chosen SAE">
      {list === null ? (
        <SaeSkeleton />
      ) : (
        <>
          <div className={styles.row}>
            <SaePicker saes={list} selected={sae} />
            {sae !== null && <SaeButtons sae={sae} />}
          </div>
          {sae !== null && <SaeFactLine sae={sae} />}
          {sae !== null && <SaeFitNote sae={sae} />}
        </>
      )}
      <ImportSae />
    </section>
  );
}

function SaeSkeleton() {
  return (
    <div className={layoutStyles.stack} role="status" aria-label="Listing SAEs">
      <div className={layoutStyles.skeleton} style={{ width: '40%' }} />
      <div className={layoutStyles.skeleton} />
    </div>
  );
}

function SaePicker({ saes, selected }: { saes: readonly SaeFacts[]; selected: SaeFacts | null }) {
  const actions = useActions();
  if (saes.length === 0) {
    return (
      <p className={wordStyles.muted}>
        There is no SAE here yet: train one on Train, or import the files of one below.
      </p>
    );
  }
  // The demo first, because it is always available.
  const ordered = [...saes].sort(
    (a, b) => Number(b.origin === 'demo') - Number(a.origin === 'demo'),
  );
  return (
    <SelectField
      id="sae"
      label="SAE"
      value={selected?.saeId ?? ''}
      options={ordered.map(saeOption)}
      onChange={actions.explore.selectSae}
    />
  );
}

function SaeFactLine({ sae }: { sae: SaeFacts }) {
  const facts = [
    `${count(sae.d_sae)} features`,
    architectureText(sae.architecture, sae.k),
    ...(sae.tokens === null ? [] : [`${measure(sae.tokens)} tokens`]),
    ...(sae.explainedVariance === null
      ? []
      : [`explained variance ${measure(sae.explainedVariance)}`]),
    ...deadText(sae),
  ];
  return (
    <div className={wordStyles.small}>
      <p className={wordStyles.mono}>{sae.hookPoint}</p>
      <p className={wordStyles.muted}>{facts.join(' · ')}</p>
    </div>
  );
}

function SaeButtons({ sae }: { sae: SaeFacts }) {
  const busy = useAppState((state) => state.sae.busy);
  const actions = useActions();
  async function download() {
    const blob = await actions.sae.exportZip(sae.saeId);
    if (blob !== null) saveBlob(blob, `${sae.name}.zip`);
  }
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        disabled={busy !== null}
        title="Zip of sae_weights.safetensors and cfg.json, as SAELens writes them"
        onClick={() => void download()}
      >
        <Icon name="download" />
        {busy === 'export' ? 'Packing…' : 'Download SAE'}
      </button>
      {sae.origin !== 'demo' && (
        <ConfirmButton
          label="Delete"
          subject={`SAE ${sae.name}`}
          question={`Delete ${sae.name} and its statistics?`}
          disabled={busy !== null}
          onConfirm={() => void actions.sae.deleteSae(sae.saeId)}
        />
      )}
    </div>
  );
}

function ImportSae() {
  const busy = useAppState((state) => state.sae.busy);
  const actions = useActions();
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <details className={dataStyles.details}>
      <summary>Import an SAE</summary>
      <ProblemNote problem={problem} />
      <DropZone
        label="Import an SAE"
        accept=".safetensors,.json,.zip"
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
              Drop <code>sae_weights.safetensors</code> with its <code>cfg.json</code>, or a zip
              from “Download SAE”.
            </>
          )}
        </p>
      </DropZone>
    </details>
  );
}
