// A published folder or file that a link names: which host, then what lies there and how large it is; nothing is fetched
// before somebody said so.
import { useState } from 'react';
import { counted } from '../../core/text/counted';
import { visibleText } from '../../core/text/visibleText';
import type { ForeignSae, SourceFacts, SourceSae } from '../../engine/share/api';
import { progressOf } from '../../store/progress';
import type { SourceState } from '../../store/share/sharingState';
import { architectureText } from '../parts/text/architectureText';
import { hookText } from '../parts/text/hookText';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { bytes } from '../parts/text/numberText';
import { ProgressBar, ProgressTrack } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import styles from './SourcePanel.module.css';

export function SourcePanel({ source }: { source: SourceState }) {
  const actions = useActions();
  const { address, found, isFetching, problem } = source;
  return (
    <section className={classNames(layoutStyles.panel, styles.panel)} aria-labelledby="source">
      <div className={layoutStyles.panelHead}>
        <h1 id="source">This link opens what somebody published</h1>
        <button type="button" className={controlStyles.button} onClick={actions.share.source.leave}>
          Close
        </button>
      </div>
      <p className={styles.address}>{address}</p>
      {found.status === 'empty' && (
        <>
          <p>
            Nothing was asked of that host yet. Looking there shows what lies in it and how large it
            is; like any site, it then sees your IP address.
          </p>
          <div>
            <button
              type="button"
              className={classNames(controlStyles.button, controlStyles.primary)}
              onClick={() => void actions.share.source.look()}
            >
              Look what is there
            </button>
          </div>
        </>
      )}
      {found.status === 'loading' && <Working label="Looking" />}
      {found.status === 'failed' && (
        <ProblemNote problem={found.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.share.source.look()}
          >
            Try again
          </button>
        </ProblemNote>
      )}
      <ProblemNote problem={problem} />
      {found.status === 'ready' &&
        (isFetching ? <Working label="Fetching" /> : <Found facts={found.value} />)}
    </section>
  );
}

function Working({ label }: { label: string }) {
  const progress = useAppState(progressOf('source'));
  const actions = useActions();
  const cancel = () => void actions.share.source.cancel();
  if (progress !== null) {
    return <ProgressBar label={label} progress={progress} onCancel={cancel} />;
  }
  return (
    <div className={layoutStyles.stack}>
      <ProgressTrack label={label} fraction={null} />
      <div>
        <button type="button" className={controlStyles.button} onClick={cancel}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function Found({ facts }: { facts: SourceFacts }) {
  if (facts.kind === 'folder') return <Folder host={facts.host} saes={facts.saes} />;
  if (facts.kind === 'foreign') return <Foreign host={facts.host} saes={facts.saes} />;
  const size = facts.byteLength === null ? 'of unknown size' : bytes(facts.byteLength);
  return (
    <>
      <p>
        <code>{facts.name}</code>, {size}, at <strong>{facts.host}</strong>.
      </p>
      <Agree label={`Fetch it, ${size}`} chosen={[]} />
    </>
  );
}

function Folder({ host, saes }: { host: string; saes: readonly SourceSae[] }) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = saes.filter(({ saeId }) => !left.has(saeId));
  const size = chosen.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const toggle = (saeId: string) => {
    const next = new Set(left);
    if (!next.delete(saeId)) next.add(saeId);
    setLeft(next);
  };
  return (
    <>
      <p>
        {counted(saes.length, 'SAE')} at <strong>{host}</strong>. Each file’s hash is checked before
        it is used.
      </p>
      <ul className={rowStyles.list} aria-label={`SAEs at ${host}`}>
        {saes.map((sae) => (
          <li key={sae.saeId} className={rowStyles.item}>
            <label className={styles.sae}>
              <input
                type="checkbox"
                checked={!left.has(sae.saeId)}
                onChange={() => toggle(sae.saeId)}
              />
              <span>
                {sae.name} {sae.isHere && <span className={controlStyles.chip}>here already</span>}
                <span className={classNames(wordStyles.muted, wordStyles.small, styles.facts)}>
                  {saeFacts(sae)}
                </span>
              </span>
            </label>
            <span className={wordStyles.muted}>{bytes(sae.byteLength)}</span>
          </li>
        ))}
      </ul>
      <Agree
        label={`Fetch ${bytes(size)} from ${host}`}
        chosen={chosen.map(({ saeId }) => saeId)}
        isBlocked={chosen.length === 0}
      />
    </>
  );
}

function saeFacts({ hookPoint, d_sae, architecture, k, model, hasStatistics }: SourceSae): string {
  return [
    hookText(hookPoint),
    counted(d_sae, 'feature'),
    architectureText(architecture, k),
    `model ${model ?? 'unknown'}`,
    hasStatistics ? 'with statistics' : 'without statistics',
  ].join(' · ');
}

/** Of other tools, whose folders have no list with hashes. */
function Foreign({ host, saes }: { host: string; saes: readonly ForeignSae[] }) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = saes.filter(({ folder }) => !left.has(folder));
  const toggle = (folder: string) => {
    const next = new Set(left);
    if (!next.delete(folder)) next.add(folder);
    setLeft(next);
  };
  const sizes = chosen.map(({ byteLength }) => byteLength);
  const isKnown = sizes.every((size) => size !== null);
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return (
    <>
      <p>
        {counted(saes.length, 'SAE')} of another tool at <strong>{host}</strong>. What it is, its
        files say once they are here; then its explained variance is measured on your text, which
        tells whether it belongs to the open model.
      </p>
      <ul className={rowStyles.list} aria-label={`SAEs at ${host}`}>
        {saes.map(({ folder, byteLength }) => (
          <li key={folder} className={rowStyles.item}>
            <label className={styles.sae}>
              <input type="checkbox" checked={!left.has(folder)} onChange={() => toggle(folder)} />
              <span>{folder === '' ? 'in this folder' : visibleText(folder)}</span>
            </label>
            <span className={wordStyles.muted}>
              {byteLength === null ? 'of unknown size' : bytes(byteLength)}
            </span>
          </li>
        ))}
      </ul>
      <Agree
        label={`Fetch ${isKnown ? bytes(total) : 'them'} from ${host}`}
        chosen={chosen.map(({ folder }) => folder)}
        isBlocked={chosen.length === 0}
      />
    </>
  );
}

type AgreeProps = { label: string; chosen: string[]; isBlocked?: boolean };

function Agree({ label, chosen, isBlocked = false }: AgreeProps) {
  const actions = useActions();
  return (
    <div>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={isBlocked}
        onClick={() => void actions.share.source.fetch(chosen)}
      >
        {label}
      </button>
    </div>
  );
}
