// What to train: where, what kind, how large, how long; what it costs here; Play.
import { useState } from 'react';
import { counted } from '../../core/text/counted';
import { isTranscoderPoint, type HookPoint } from '../../core/activations/hookPoint';
import {
  ARCHITECTURES,
  choosesK,
  keepsPerRow,
  type SaeArchitecture,
} from '../../core/sae/architecture';
import type { SaeConfig } from '../../core/sae/sae';
import { ARCHITECTURE_NAMES } from '../../core/sae/saeName';
import type { Problem } from '../../engine/shared/api';
import type { TrainForm } from '../../engine/train/api';
import { languageModel, openRows, openUnit } from '../../store/model/openRows';
import { advancedFields } from '../../store/train/architectureForm';
import { trainingBlock } from '../../store/train/trainSelectors';
import { FIRST_TRAIN_FORM } from '../../store/train/trainState';
import { usualK } from '../../core/sae/usualK';
import { LENGTHS } from '../../store/train/trainingPlan';
import { ARCHITECTURE_HELP } from '../parts/text/architectureText';
import { count, measure } from '../parts/text/numberText';
import { hookOptions } from '../parts/text/hookText';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { RowsText } from '../parts/rows/RowsText';
import { NumberField } from '../parts/fields/NumberField';
import { Segmented } from '../parts/fields/Segmented';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import { AdvancedFields } from './AdvancedFields';
import { HandoffDialog } from './HandoffDialog';
import { Preflight } from './Preflight';
import { TextFields } from './TextFields';
import { classNames } from '../parts/look/classNames';
import dataStyles from '../parts/look/data.module.css';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './TrainFormPanel.module.css';

const sourceOptions = (hasRows: boolean) =>
  [
    { value: 'model', label: hasRows ? 'From the file' : 'From the model' },
    { value: 'random', label: 'Random: a smoke test' },
  ] as const;

const LENGTH_OPTIONS = LENGTHS.map((value) => ({ value, label: value }));

/** Of the choice of the place: not one of them. */
const EVERY_BLOCK = 'every block';

/** Times the model's width. */
const SIZES = [2, 4, 8, 16, 32];

/** The engine's names for fields, and the form's own names. */
const FIELD_OF: Readonly<Record<string, keyof TrainForm>> = {
  hook: 'hookPoint',
  d_sae: 'expansionFactor',
};

export function TrainFormPanel() {
  return (
    <section className={layoutStyles.panel} aria-labelledby="train-form">
      <h2 id="train-form">New run</h2>
      <FormFields />
      <Preflight />
      <PlayRow />
    </section>
  );
}

/** Four choices: where, what kind, how large, how long. All else has a default and is folded away. */
function FormFields() {
  const form = useAppState((state) => state.train.form);
  const length = useAppState((state) => state.train.length);
  const check = useAppState((state) => state.train.check);
  const model = useAppState((state) => state.model.open);
  const actions = useActions();
  const architecture = form.architecture ?? 'topk';
  const problem = check.status === 'invalid' ? check.problem : null;
  const problemOf = (field: keyof TrainForm) => (fieldOf(problem) === field ? problem : null);
  const config = check.status === 'valid' ? check.config : null;
  // A transcoder rewrites a part of a model.
  const kinds = ARCHITECTURES.filter((kind) => kind !== 'transcoder' || model?.rows === undefined);
  return (
    <>
      {model?.rows === undefined ? (
        <Place form={form} problem={problemOf('hookPoint')} />
      ) : (
        <RowsText />
      )}
      <SelectField
        id="architecture"
        label="Kind"
        help={ARCHITECTURE_HELP[architecture]}
        value={architecture}
        options={kinds.map((value) => ({ value, label: ARCHITECTURE_NAMES[value] }))}
        problem={problemOf('architecture')}
        onChange={(value) => actions.train.form.chooseArchitecture(value as SaeArchitecture)}
      />
      <SelectField
        id="size"
        label="Size"
        help={sizeHelp(form.expansionFactor, model?.rows !== undefined)}
        value={String(form.expansionFactor)}
        options={sizeOptions(form.expansionFactor, model?.n_embd ?? null)}
        problem={problemOf('expansionFactor')}
        onChange={(factor) => actions.train.form.chooseSize(Number(factor))}
      />
      <div className={inputStyles.field}>
        <span className={inputStyles.fieldLabel} aria-hidden="true">
          How long
        </span>
        <Segmented
          label="How long"
          value={length}
          options={LENGTH_OPTIONS}
          onChange={actions.train.form.chooseLength}
        />
      </div>
      <MoreFields config={config} problem={problem} />
      {problem !== null && !isPlaced(problem, architecture) && <ProblemNote problem={problem} />}
    </>
  );
}

/** Where in the model; a transcoder has places of its own. */
function Place({ form, problem }: { form: TrainForm; problem: Problem | null }) {
  const model = useAppState((state) => state.model.open);
  const actions = useActions();
  const isTranscoder = form.architecture === 'transcoder';
  const hooks = (model?.hookPoints ?? [form.hookPoint]).filter(
    (hook) => isTranscoderPoint(hook) === isTranscoder,
  );
  return (
    <SelectField
      id="hookPoint"
      label="Where"
      help="The place in the model whose numbers are taken apart"
      value={form.everyLayer === true ? EVERY_BLOCK : form.hookPoint}
      options={[
        ...hookOptions(hooks),
        ...(isTranscoder ? [{ value: EVERY_BLOCK, label: 'The MLP of every block' }] : []),
      ]}
      problem={problem}
      onChange={(hook) =>
        actions.train.form.choosePlace(hook === EVERY_BLOCK ? null : (hook as HookPoint))
      }
    />
  );
}

type MoreFieldsProps = { config: SaeConfig | null; problem: Problem | null };

function MoreFields({ config, problem }: MoreFieldsProps) {
  const form = useAppState((state) => state.train.form);
  const corpus = useAppState((state) => state.text.corpus);
  const unit = useAppState(openUnit);
  const actions = useActions();
  const changed = changedWords(
    form,
    unit === 'token' && corpus?.isDemo === false ? corpus.name : null,
  );
  const [isOpen, setOpen] = useState(false);
  const isConcerned = problem !== null && problem.field !== 'hookPoint';
  return (
    <details
      className={dataStyles.details}
      open={isOpen || isConcerned}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        Advanced: {unit === 'token' ? 'text, ' : ''}numbers, seed
        {changed.length > 0 && <strong>&nbsp;· {changed.join(', ')}</strong>}
      </summary>
      <div className={layoutStyles.stack}>
        {unit === 'token' && <TextFields />}
        <div className={inputStyles.field}>
          <span className={inputStyles.fieldLabel} aria-hidden="true">
            Activations
          </span>
          <Segmented
            label="Activations"
            value={form.source ?? 'model'}
            options={sourceOptions(unit === 'row')}
            onChange={(source) => actions.train.form.set({ source })}
          />
        </div>
        <NumberFields problem={problem} />
        <AdvancedFields config={config} problem={problem} />
        {config !== null && (
          <p className={classNames(wordStyles.muted, wordStyles.small)}>
            {recipeText(config, unit)}
          </p>
        )}
      </div>
    </details>
  );
}

function NumberFields({ problem }: { problem: Problem | null }) {
  const form = useAppState((state) => state.train.form);
  const width = useAppState((state) => state.model.open?.n_embd ?? null);
  const unit = useAppState(openUnit);
  const actions = useActions();
  const architecture = form.architecture ?? 'topk';
  const problemOf = (field: keyof TrainForm) => (fieldOf(problem) === field ? problem : null);
  return (
    <div className={layoutStyles.formGrid}>
      <NumberField
        id="expansionFactor"
        label="Expansion factor"
        unit="×"
        help={latentHelp(form, width)}
        value={form.expansionFactor}
        min={1}
        problem={problemOf('expansionFactor')}
        onChange={(expansionFactor) => actions.train.form.set({ expansionFactor })}
      />
      {choosesK(architecture) && (
        <NumberField
          id="k"
          label="k"
          unit="features"
          help={`kept per ${unit}${keepsPerRow({ architecture }) ? '' : ' on average'}`}
          value={form.k}
          min={keepsPerRow({ architecture }) ? 1 : 0}
          problem={problemOf('k')}
          onChange={(k) => actions.train.form.set({ k })}
        />
      )}
      <NumberField
        id="tokens"
        label={unit === 'token' ? 'Tokens' : 'Rows read'}
        help={budgetHelp(form)}
        value={form.tokens}
        min={1}
        step={1000}
        problem={problemOf('tokens')}
        onChange={(tokens) => actions.train.form.set({ tokens })}
      />
      <NumberField
        id="batchSize"
        label="Batch size"
        unit={`${unit}s`}
        help="per step"
        value={form.batchSize}
        min={1}
        problem={problemOf('batchSize')}
        onChange={(batchSize) => actions.train.form.set({ batchSize })}
      />
      <NumberField
        id="seed"
        label="Seed"
        help="Same seed, same run"
        value={form.seed}
        min={0}
        problem={problemOf('seed')}
        onChange={(seed) => actions.train.form.set({ seed })}
      />
    </div>
  );
}

/** What differs from the defaults, in words for the folded head. */
function changedWords(form: TrainForm, ownText: string | null): string[] {
  const first = FIRST_TRAIN_FORM;
  return [
    ...(ownText === null ? [] : [`text ${ownText}`]),
    ...(form.source === 'random' ? ['random activations'] : []),
    ...(form.k === usualK(form.expansionFactor) ? [] : [`k ${form.k}`]),
    ...(form.seed === first.seed ? [] : [`seed ${form.seed}`]),
    ...((form.seeds ?? 1) > 1 ? [`${form.seeds} seeds`] : []),
    ...Object.keys(form.advanced ?? {}),
  ];
}

function sizeOptions(factor: number, width: number | null) {
  const factors =
    SIZES.includes(factor) || !(factor > 0) ? SIZES : [...SIZES, factor].sort((a, b) => a - b);
  return factors.map((value) => ({
    value: String(value),
    label: width === null ? `${value} × the width` : `${count(Math.round(value * width))} features`,
  }));
}

function sizeHelp(factor: number, areRows: boolean): string {
  return `${measure(factor)} for each ${areRows ? 'number of a row' : 'dimension of the model'}. More tell more apart, and take longer`;
}

function PlayRow() {
  const blocked = useAppState(trainingBlock);
  const busy = useAppState((state) => state.train.busy);
  const problem = useAppState((state) => state.train.problem);
  const hasModel = useAppState((state) => languageModel(state) !== null);
  const hasRows = useAppState((state) => openRows(state) !== null);
  const isUnfit = useAppState(({ train }) => train.check.status === 'invalid');
  const actions = useActions();
  const [isHandingOff, setHandingOff] = useState(false);
  return (
    <div className={styles.playRow}>
      {isHandingOff && <HandoffDialog onClose={() => setHandingOff(false)} />}
      <ProblemNote problem={problem} />
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={blocked !== null || busy}
          aria-describedby="play-reason"
          onClick={() => void actions.train.start()}
        >
          <Icon name="play" />
          Play
        </button>
        <button
          type="button"
          className={controlStyles.button}
          disabled={isUnfit || busy}
          title="Keeps this run for later; runs that read the same train together"
          onClick={() => void actions.train.queue.add()}
        >
          Queue
        </button>
        <button
          type="button"
          className={controlStyles.button}
          disabled={isUnfit || !hasModel}
          title={
            hasRows
              ? 'It takes a model to another machine, and rows of a file are open: there, train with nanoscope train --activations'
              : 'A folder with which other machines train this run'
          }
          onClick={() => setHandingOff(true)}
        >
          Train elsewhere
        </button>
        <span className={wordStyles.reason} id="play-reason">
          {blocked}
        </span>
      </div>
    </div>
  );
}

function fieldOf(problem: Problem | null): keyof TrainForm | null {
  if (problem === null || problem.field === null) return null;
  const field = FIELD_OF[problem.field] ?? problem.field;
  const known = [
    'architecture',
    'hookPoint',
    'expansionFactor',
    'k',
    'tokens',
    'batchSize',
    'seed',
  ] as const;
  return known.find((name) => name === field) ?? null;
}

/** Whether a field on screen shows the problem. */
function isPlaced(problem: Problem, architecture: SaeArchitecture): boolean {
  const own = advancedFields(architecture).some(({ name }) => name === problem.field);
  return own || problem.field === 'seeds' || fieldOf(problem) !== null;
}

function latentHelp(form: TrainForm, width: number | null): string {
  if (width === null || !Number.isFinite(form.expansionFactor)) return 'features per input';
  return `${count(Math.round(width * form.expansionFactor))} features`;
}

function budgetHelp(form: TrainForm): string {
  const steps = Math.floor(form.tokens / form.batchSize);
  return Number.isFinite(steps)
    ? `${measure(form.tokens)}, ${counted(steps, 'step')}`
    : 'to train on';
}

/** The configuration that the recipe derives from the form. */
function recipeText(config: SaeConfig, unit: 'token' | 'row'): string {
  return (
    `${ARCHITECTURE_NAMES[config.architecture]}, Adam: peak rate ${measure(config.lr)}, warm-up ${count(config.warmupSteps)} steps, ` +
    `decay over the last ${count(config.decaySteps)}; dead after ${measure(config.deadAfterTokens)} ${unit}s.`
  );
}
