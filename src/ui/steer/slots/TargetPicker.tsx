// Finds something to steer with: a feature by index or token, or a vector by name. Enter takes the first.
import { useEffect, useMemo, useState } from 'react';
import { featureName } from '../../../core/statistics/featureName';
import type { SteerTarget } from '../../../core/steer/steering';
import type { LatentRow } from '../../../engine/statistics/api';
import { measure } from '../../parts/text/numberText';
import { saeOption } from '../../parts/saeOption';
import { guessesOf } from '../../../store/steer/steerSelectors';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './TargetPicker.module.css';

const SHOWN = 8;
const NO_ROWS: readonly LatentRow[] = [];
const NO_LABELS: Readonly<Record<number, { label: string }>> = {};

type TargetPickerProps = {
  idPrefix: string;
  label: string;
  onPick: (target: SteerTarget) => void;
};

export function TargetPicker({ idPrefix, label, onPick }: TargetPickerProps) {
  const [query, setQuery] = useState('');
  const found = useFound(query);
  const pick = (target: SteerTarget) => {
    setQuery('');
    onPick(target);
  };
  return (
    <div className={styles.picker}>
      <SaeChoice idPrefix={idPrefix} />
      <input
        id={`${idPrefix}-search`}
        className={inputStyles.input}
        type="search"
        placeholder="Number, word, name or vector"
        aria-label={label}
        data-shortcut="search"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          const first = found[0];
          if (event.key !== 'Enter' || first === undefined) return;
          event.preventDefault();
          pick(first.target);
        }}
      />
      {query.trim() !== '' && (
        <ul className={styles.list} aria-label={`${label}: matches`}>
          {found.map(({ key, name, detail, target }) => (
            <li key={key}>
              <button
                type="button"
                className={classNames(controlStyles.button, controlStyles.quiet)}
                onClick={() => pick(target)}
              >
                <span>{name}</span>
                <span className={classNames(wordStyles.muted, wordStyles.small, wordStyles.mono)}>
                  {detail}
                </span>
              </button>
            </li>
          ))}
          {found.length === 0 && (
            <li className={classNames(wordStyles.muted, wordStyles.small, styles.none)}>
              Nothing matches.
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

function SaeChoice({ idPrefix }: { idPrefix: string }) {
  const list = useAppState((state) => state.sae.list) ?? [];
  const saeId = useAppState((state) => state.steer.saeId);
  const actions = useActions();
  if (list.length < 2) return null;
  return (
    <span className={inputStyles.select}>
      <select
        className={inputStyles.input}
        aria-label={`SAE to search, ${idPrefix}`}
        value={saeId ?? ''}
        onChange={(event) => actions.steer.chooseSae(event.target.value)}
      >
        {list.map((sae) => {
          const { value, label } = saeOption(sae);
          return (
            <option key={value} value={value}>
              {label}
            </option>
          );
        })}
      </select>
    </span>
  );
}

type Found = { key: string; name: string; detail: string; target: SteerTarget };

function useFound(query: string): Found[] {
  const saeId = useAppState((state) => state.steer.saeId);
  const rows = useAppState((state) => {
    const loaded = saeId === null ? undefined : state.steer.rows[saeId]?.loaded;
    return loaded?.status === 'ready' ? loaded.value : NO_ROWS;
  });
  const d_sae = useAppState(
    (state) => state.sae.list?.find((sae) => sae.saeId === saeId)?.d_sae ?? 0,
  );
  const guesses = useAppState((state) => guessesOf(state, saeId));
  const labels = useAppState(({ statistics: { notes } }) =>
    notes.saeId === saeId ? notes.byLatent : NO_LABELS,
  );
  const vectors = useAppState((state) => state.steer.vectors);
  const actions = useActions();
  useEffect(() => {
    if (saeId === null) return;
    void actions.steer.loadRows(saeId);
    void actions.statistics.labels.load();
  }, [saeId, actions]);
  return useMemo(() => {
    const text = query.trim().toLowerCase();
    if (text === '') return [];
    const byName = vectors
      .filter(({ name, vectorId }) => `${name} ${vectorId}`.toLowerCase().includes(text))
      .map(({ name, vectorId }): Found => {
        const target = { kind: 'vector', vectorId } as const;
        return { key: vectorId, name: `Vector ${name}`, detail: vectorId, target };
      });
    if (saeId === null) return byName.slice(0, SHOWN);
    const nameOf = ({ latentIndex, firesOn }: LatentRow) => {
      const guess = guesses[latentIndex];
      return featureName({ latentIndex, label: labels[latentIndex]?.label, guess, firesOn }).text;
    };
    const features = matching(rows, text, nameOf).map((row): Found => ({
      key: String(row.latentIndex),
      name: `Feature ${row.latentIndex}`,
      detail: `${nameOf(row)}, max ${measure(row.maxAct)}`,
      target: { kind: 'latent', saeId, latentIndex: row.latentIndex },
    }));
    // Without statistics there are no rows, but an index can still be used.
    const index = /^\d+$/.test(text) ? Number(text) : -1;
    if (rows.length === 0 && index >= 0 && index < d_sae) {
      const target = { kind: 'latent', saeId, latentIndex: index } as const;
      features.push({ key: text, name: `Feature ${index}`, detail: 'no statistics', target });
    }
    return [...byName, ...features].slice(0, SHOWN);
  }, [query, rows, guesses, labels, saeId, d_sae, vectors]);
}

/** The index itself first, then those whose name contains the text; strongest first. */
function matching(
  rows: readonly LatentRow[],
  text: string,
  nameOf: (row: LatentRow) => string,
): LatentRow[] {
  return rows
    .filter((row) => String(row.latentIndex) === text || nameOf(row).toLowerCase().includes(text))
    .sort(
      (a, b) =>
        Number(String(b.latentIndex) === text) - Number(String(a.latentIndex) === text) ||
        b.maxAct - a.maxAct,
    )
    .slice(0, SHOWN);
}
