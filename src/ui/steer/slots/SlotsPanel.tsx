// The slots, adding to them, their undo, and the settings for all: mask and clip.
import { MAX_SLOTS, type MaskClass } from '../../../core/steer/steering';
import { MASK_CLASSES } from '../../../core/steer/steering';
import { formatMask, parseMask } from '../../../core/share/sharedSteer';
import { useState } from 'react';
import type { SlotDraft } from '../../../store/steer/steerSetup';
import { Note } from '../../parts/Messages';
import { UndoButtons } from '../../parts/buttons/UndoButtons';
import { useActions, useAppState } from '../../storeContext';
import { SlotCard } from './SlotCard';
import { TargetPicker } from './TargetPicker';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './SlotsPanel.module.css';

export function SlotsPanel() {
  const slots = useAppState((state) => state.steer.setup.slots);
  const warnings = useAppState((state) => state.steer.warnings);
  const list = useAppState((state) => state.sae.list);
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-label="Steering">
      <div className={layoutStyles.panelHead}>
        <h2>Dials</h2>
        <History />
      </div>
      {slots.length === 0 && (
        <p className={wordStyles.muted}>
          {list?.length === 0
            ? 'There is no SAE here yet: train or import one first, or make a vector below.'
            : 'Find a feature, or open a preset.'}
        </p>
      )}
      <ol className={styles.slots} aria-label="Slots">
        {slots.map((slot, place) => (
          <SlotCard key={slot.id} slot={slot} place={place} />
        ))}
      </ol>
      {slots.length < MAX_SLOTS ? (
        <div className={inputStyles.field}>
          <span className={inputStyles.fieldLabel}>Add a feature or vector</span>
          <TargetPicker
            idPrefix="add"
            label="Find a feature or vector to add"
            onPick={actions.steer.slots.add}
          />
        </div>
      ) : (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          All {MAX_SLOTS} slots are taken.
        </p>
      )}
      {warnings.map((warning) => (
        <Note key={warning}>{withPlaces(warning, slots)}</Note>
      ))}
      <MaskFields />
    </section>
  );
}

/** The engine identifies slots by id; the page numbers them. */
function withPlaces(warning: string, slots: readonly SlotDraft[]): string {
  return warning.replace(/\bslot-\d+\b/g, (id) => {
    const place = slots.findIndex((slot) => slot.id === id);
    return place < 0 ? id : `Slot ${place + 1}`;
  });
}

function History() {
  const canUndo = useAppState((state) => state.steer.history.past.length > 0);
  const canRedo = useAppState((state) => state.steer.history.future.length > 0);
  const { undo, redo } = useActions().steer.slots;
  return (
    <div className={layoutStyles.buttonRow}>
      <UndoButtons canUndo={canUndo} canRedo={canRedo} onUndo={undo} onRedo={redo} />
    </div>
  );
}

const CLASS_WORDS: Readonly<Record<MaskClass, string>> = {
  bos: '<|bos|> (where a text begins: best left alone)',
  special: 'special tokens',
  prompt: 'the prompt',
  gen: 'generated text',
  tool: 'a calculator’s result',
};

function MaskFields() {
  const mask = useAppState((state) => state.steer.setup.mask);
  const isClipped = useAppState((state) => state.steer.setup.isClipped);
  const actions = useActions();
  const classes = mask.kind === 'classes' ? mask.classes : [];
  const toggle = (name: MaskClass) => {
    const next = MASK_CLASSES.filter((known) =>
      known === name ? !classes.includes(known) : classes.includes(known),
    );
    actions.steer.slots.setMask({ kind: 'classes', classes: next });
  };
  return (
    <details className={dataStyles.details}>
      <summary>Which tokens are steered: {summaryOf(formatMask(mask))}</summary>
      <fieldset className={styles.mask}>
        <legend className={wordStyles.visuallyHidden}>Classes of tokens</legend>
        {MASK_CLASSES.map((name) => (
          <label key={name} className={classNames(controlStyles.check, wordStyles.small)}>
            <input type="checkbox" checked={classes.includes(name)} onChange={() => toggle(name)} />
            {CLASS_WORDS[name]}
          </label>
        ))}
        <PositionsField />
        <label className={classNames(controlStyles.check, wordStyles.small)}>
          <input
            type="checkbox"
            checked={isClipped}
            onChange={(event) => actions.steer.slots.setClip(event.target.checked)}
          />
          Shorten edits that are longer than what they edit
        </label>
      </fieldset>
    </details>
  );
}

function summaryOf(mask: string): string {
  return mask.replaceAll(',', ', ').replace('gen', 'generated').replace('none', 'none of them');
}

function PositionsField() {
  const mask = useAppState((state) => state.steer.setup.mask);
  const actions = useActions();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (mask.kind === 'positions' ? formatMask(mask) : '');
  const parsed = parseMask(shown.replaceAll(' ', ''));
  const isWrong = shown.trim() !== '' && parsed?.kind !== 'positions';
  return (
    <div className={inputStyles.field}>
      <label className={inputStyles.fieldLabel} htmlFor="mask-positions">
        or single positions, 0 is {'<|bos|>'}
      </label>
      <input
        id="mask-positions"
        className={inputStyles.input}
        placeholder="3, 17"
        value={shown}
        aria-invalid={isWrong ? true : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          const next = parseMask(event.target.value.replaceAll(' ', ''));
          if (next?.kind === 'positions') actions.steer.slots.setMask(next);
        }}
        onBlur={() => setTyped(null)}
      />
      {isWrong && (
        <p className={inputStyles.fieldError}>Write whole numbers with commas between.</p>
      )}
    </div>
  );
}
