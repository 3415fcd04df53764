// What to train: hook point, size, budget, seed; what it would cost; Play.
import { ARCHITECTURES, choosesK, type SaeArchitecture } from '../../core/sae/architecture';
import type { SaeConfig } from '../../core/sae/sae';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Problem } from '../../engine/shared/api';
import type { TrainForm } from '../../engine/train/api';
import { advancedFields } from '../../store/train/architectureForm';
import { trainingBlock } from '../../store/selectors';
import { PRESETS, presetOf, type PresetName } from '../../store/train/trainingPlan';
import { ARCHITECTURE_HELP, ARCHITECTURE_NAMES } from '../parts/architectureText';
import { count, measure } from '../parts/numberText';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { NumberField } from '../parts/fields/NumberField';
import { Segmented } from '../parts/fields/Segmented';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useFacts } from '../storeContext';
import { AdvancedFields } from './AdvancedFields';
import { Preflight } from './Preflight';
import { TextFields } from './TextFields';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './TrainFormPanel.module.css';

const PRESET_OPTIONS = (Object.keys(PRESETS) as PresetName[]).map((value) => ({
  value,
  label: value,
}));

const SOURCE_OPTIONS = [
  { value: 'model', label: 'From the model' },
  { value: 'random', label: 'Random: a smoke test' },
] as const;

/** Names the engine may give a field, and the form's own name for it. */
const FIELD_OF: Readonly<Record<string, keyof TrainForm>> = {
  hook: 'hookPoint',
  d_sae: 'expansionFactor',
};

export function TrainFormPanel() {
  const form = useFacts((facts) => facts.training.form);
  const { choosePreset } = useActions();
  return (
    <section className={layoutStyles.panel} aria-labelledby="train-form">
      <div className={layoutStyles.panelHead}>
        <h2 id="train-form">New run</h2>
        <Segmented
          label="Preset"
          value={presetOf(form)}
          options={PRESET_OPTIONS}
          onChange={choosePreset}
        />
      </div>
      <FormFields />
      <hr className={layoutStyles.rule} />
      <TextFields />
      <hr className={layoutStyles.rule} />
      <Preflight />
      <PlayRow />
    </section>
  );
}

function FormFields() {
  const form = useFacts((facts) => facts.training.form);
  const check = useFacts((facts) => facts.training.check);
  const model = useFacts((facts) => facts.model.facts);
  const { setTrainForm, chooseArchitecture } = useActions();
  const architecture = form.architecture ?? 'topk';
  const problem = check.status === 'invalid' ? check.problem : null;
  const problemOf = (field: keyof TrainForm) => (fieldOf(problem) === field ? problem : null);
  const config = check.status === 'valid' ? check.config : null;
  const hooks = model?.hookPoints ?? [form.hookPoint];
  return (
    <>
      <Segmented
        label="Activations"
        value={form.source ?? 'model'}
        options={SOURCE_OPTIONS}
        onChange={(source) => setTrainForm({ source })}
      />
      <SelectField
        id="hookPoint"
        label="Hook point"
        help="Where activations are read"
        value={form.hookPoint}
        options={hooks.map((hook) => ({ value: hook, label: hook }))}
        problem={problemOf('hookPoint')}
        onChange={(hook) => setTrainForm({ hookPoint: hook as HookPoint })}
      />
      <SelectField
        id="architecture"
        label="Architecture"
        help={ARCHITECTURE_HELP[architecture]}
        value={architecture}
        options={ARCHITECTURES.map((value) => ({ value, label: ARCHITECTURE_NAMES[value] }))}
        problem={problemOf('architecture')}
        onChange={(value) => chooseArchitecture(value as SaeArchitecture)}
      />
      <div className={layoutStyles.formGrid}>
        <NumberField
          id="expansionFactor"
          label="Expansion factor"
          unit="×"
          help={latentHelp(form, model?.n_embd ?? null)}
          value={form.expansionFactor}
          min={1}
          problem={problemOf('expansionFactor')}
          onChange={(expansionFactor) => setTrainForm({ expansionFactor })}
        />
        {choosesK(architecture) && (
          <NumberField
            id="k"
            label="k"
            unit="features"
            help={architecture === 'topk' ? 'kept per token' : 'kept per token on average'}
            value={form.k}
            min={architecture === 'topk' ? 1 : 0}
            problem={problemOf('k')}
            onChange={(k) => setTrainForm({ k })}
          />
        )}
        <NumberField
          id="tokens"
          label="Tokens"
          help={budgetHelp(form)}
          value={form.tokens}
          min={1}
          step={1000}
          problem={problemOf('tokens')}
          onChange={(tokens) => setTrainForm({ tokens })}
        />
        <NumberField
          id="batchSize"
          label="Batch size"
          unit="tokens"
          help="per step"
          value={form.batchSize}
          min={1}
          problem={problemOf('batchSize')}
          onChange={(batchSize) => setTrainForm({ batchSize })}
        />
        <NumberField
          id="seed"
          label="Seed"
          help="Same seed, same run"
          value={form.seed}
          min={0}
          problem={problemOf('seed')}
          onChange={(seed) => setTrainForm({ seed })}
        />
      </div>
      <AdvancedFields config={config} problem={problem} />
      {problem !== null && !isPlaced(problem, architecture) && <ProblemNote problem={problem} />}
      {config !== null && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>{recipeText(config)}</p>
      )}
    </>
  );
}

function PlayRow() {
  const blocked = useFacts(trainingBlock);
  const busy = useFacts((facts) => facts.training.busy);
  const problem = useFacts((facts) => facts.training.problem);
  const isUnfit = useFacts(({ training }) => training.check.status === 'invalid');
  const { startTraining, queueTraining } = useActions();
  return (
    <div className={styles.playRow}>
      <ProblemNote problem={problem} />
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={blocked !== null || busy}
          aria-describedby="play-reason"
          onClick={() => void startTraining()}
        >
          <Icon name="play" />
          Play
        </button>
        <button
          type="button"
          className={controlStyles.button}
          disabled={isUnfit || busy}
          title="Keeps this run for later; runs that read the same tokens train together"
          onClick={() => void queueTraining()}
        >
          Queue
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

/** Whether some field on screen shows the problem. */
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
  return Number.isFinite(steps) ? `${measure(form.tokens)}, ${count(steps)} steps` : 'to train on';
}

/** What the recipe makes of the form, for those who want to know. */
function recipeText(config: SaeConfig): string {
  return (
    `${ARCHITECTURE_NAMES[config.architecture]}, Adam: peak rate ${measure(config.lr)}, warm-up ${count(config.warmupSteps)} steps, ` +
    `decay over the last ${count(config.decaySteps)}; dead after ${measure(config.deadAfterTokens)} tokens.`
  );
}
