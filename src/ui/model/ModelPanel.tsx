// Facts about the open model from its checkpoint; before that, the progress of loading.
import type { SaeBackendName } from '../../core/train/saeBackend';
import type { ModelBackend } from '../../engine/shared/api';
import type { ModelFacts } from '../../engine/model/api';
import { bytes, count, measure } from '../parts/text/numberText';
import { Fact, Facts } from '../parts/Facts';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { RowsText } from '../parts/rows/RowsText';
import { Segmented } from '../parts/fields/Segmented';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import factStyles from '../parts/Facts.module.css';
import { progressOf } from '../../store/progress';

const BACKENDS: readonly { value: ModelBackend; label: string }[] = [
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'wasm', label: 'wasm (CPU)' },
];

const SAE_BACKENDS: readonly { value: SaeBackendName; label: string }[] = [
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'cpu', label: 'Processor' },
];

export function ModelPanel() {
  const model = useAppState((state) => state.model.open);
  const isOwn = useAppState((state) => state.model.lastSource !== 'demo');
  return (
    <section className={layoutStyles.panel} aria-labelledby="model-name">
      <div className={layoutStyles.panelHead}>
        <h2 id="model-name">{model?.name ?? (isOwn ? 'Your model' : 'Demo model')}</h2>
        {model?.isDemo === true && <span className={controlStyles.chip}>demo</span>}
      </div>
      <DemoProblem />
      <Loading />
      {model !== null && model.rows === undefined && <ModelFactList model={model} />}
      {model?.rows !== undefined && (
        <>
          <RowsText />
          <Facts>
            <SaeBackendFact />
          </Facts>
        </>
      )}
    </section>
  );
}

/** Problems of the user's files are shown beside their drop zone. */
function DemoProblem() {
  const problem = useAppState(({ model }) => (model.lastSource === 'demo' ? model.problem : null));
  const actions = useActions();
  return (
    <ProblemNote problem={problem}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.model.openDemo()}
      >
        Try again
      </button>
    </ProblemNote>
  );
}

function Loading() {
  const opening = useAppState((state) => state.model.opening);
  const waits = useAppState((state) => state.model.waitsForConsent);
  const model = useAppState(progressOf('model'));
  const runtime = useAppState(progressOf('runtime'));
  // A download shows its own progress, beside its address.
  const isDownloading = useAppState((state) => state.model.remote.downloading !== null);
  const actions = useActions();
  if (waits) {
    return (
      <div className={layoutStyles.stack}>
        <p>
          Your browser saves data, so nothing was fetched yet. The demo model is about 24 MB and
          comes from this site.
        </p>
        <div>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            onClick={() => void actions.model.openDemo()}
          >
            Load the demo
          </button>
        </div>
      </div>
    );
  }
  if (isDownloading) return null;
  if (!opening && model === null && runtime === null) return null;
  return (
    <>
      {runtime !== null && <ProgressBar label="Runtime" progress={runtime} />}
      {model !== null && <ProgressBar label="Model" progress={model} />}
      {opening && model === null && runtime === null && (
        <p className={wordStyles.muted} role="status">
          Opening the model…
        </p>
      )}
    </>
  );
}

function ModelFactList({ model }: { model: ModelFacts }) {
  const reason = useAppState((state) => state.device?.backendReason ?? null);
  const actions = useActions();
  return (
    <Facts>
      <Fact name="Revision">
        {model.revision} <span className={factStyles.note}>since {model.revisionSince}</span>
      </Fact>
      <Fact name="Parameters" title={count(model.parameterCount)}>
        {measure(model.parameterCount)}{' '}
        <span className={factStyles.note}>{bytes(model.byteLength)}</span>
      </Fact>
      <Fact name="Layers">{count(model.n_layer)}</Fact>
      <Fact name="Width">
        {count(model.n_embd)} <span className={factStyles.note}>{headText(model)}</span>
      </Fact>
      <Fact name="Vocabulary">{count(model.vocab_size)}</Fact>
      <Fact name="Context">
        {count(model.sequence_len)} <span className={factStyles.note}>tokens</span>
      </Fact>
      <Fact name="Training step">{model.step === null ? '–' : count(model.step)}</Fact>
      <Fact name="Validation" title={model.valBpb === null ? '' : String(model.valBpb)}>
        {measure(model.valBpb)} <span className={factStyles.note}>bits per byte</span>
      </Fact>
      {model.possibleSoftcaps.length > 0 && (
        <Fact name="Soft cap of the logits" wide>
          <Segmented
            label="Soft cap of the logits"
            value={String(model.logitSoftcap)}
            options={model.possibleSoftcaps.map((cap) => ({
              value: String(cap),
              label: String(cap),
            }))}
            onChange={(cap) => void actions.model.setSoftcap(Number(cap))}
          />
          <span className={classNames(wordStyles.muted, wordStyles.small)}>
            {' '}
            nanochat used 15, but 20 from 2 to 9 March 2026, and the files of this revision do not
            say which. If yours was trained in that week, choose 20: the model then counts as
            another one.
          </span>
        </Fact>
      )}
      <Fact name="Runs on" wide>
        <Segmented
          label="Model runs on"
          value={model.backend}
          options={BACKENDS}
          onChange={(backend) => void actions.model.setBackend(backend)}
        />
        {reason !== null && (
          <span className={classNames(wordStyles.muted, wordStyles.small)}> {reason}</span>
        )}
      </Fact>
      <SaeBackendFact />
    </Facts>
  );
}

/** What computes the SAEs, beside the model that they read. */
function SaeBackendFact() {
  const backend = useAppState((state) => state.device?.saeBackend ?? null);
  const reason = useAppState((state) => state.device?.saeBackendReason ?? null);
  const actions = useActions();
  if (backend === null) return null;
  return (
    <Fact name="SAEs run on" wide>
      <Segmented
        label="SAEs run on"
        value={backend}
        options={SAE_BACKENDS}
        onChange={(chosen) => void actions.model.setSaeBackend(chosen)}
      />
      <span className={classNames(wordStyles.muted, wordStyles.small)}> {reason}</span>
    </Fact>
  );
}

function headText(model: ModelFacts): string {
  const kv = model.n_kv_head === model.n_head ? '' : `, ${model.n_kv_head} key/value`;
  return `${model.n_head} heads${kv}`;
}
