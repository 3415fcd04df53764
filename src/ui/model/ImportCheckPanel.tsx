// Whether the model runs as it was trained to: its loss on held-out text beside the figure in its meta file.
import type { ImportCheck, ModelFacts } from '../../engine/model/api';
import { CHECK_TOKENS } from '../../store/model/modelActions';
import { count, measure } from '../parts/text/numberText';
import { Fact, Facts } from '../parts/Facts';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import factStyles from '../parts/Facts.module.css';
import { progressOf } from '../../store/progress';

export function ImportCheckPanel() {
  const model = useAppState((state) => state.model.open);
  const { running, result, problem } = useAppState((state) => state.model.check);
  const progress = useAppState(progressOf('check'));
  const actions = useActions();
  if (model === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="import-check">
      <h2 id="import-check">Check this import</h2>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Predicts {count(CHECK_TOKENS)} tokens of the held-out part of the text that is open on
        Train, with the model as it runs here. Nothing is uploaded.
      </p>
      {progress !== null && <ProgressBar label="Check" progress={progress} />}
      <div className={layoutStyles.buttonRow}>
        {running ? (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.model.cancelCheck()}
          >
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.model.check()}
          >
            Check this import
          </button>
        )}
      </div>
      <ProblemNote problem={problem} />
      {result !== null && result.modelId === model.id && <Result check={result} model={model} />}
    </section>
  );
}

function Result({ check, model }: { check: ImportCheck; model: ModelFacts }) {
  const text = check.corpus.isDemo ? 'the bundled corpus' : check.corpus.name;
  return (
    <>
      <Facts>
        <Fact name="Measured here">
          {measure(check.bitsPerByte)} <span className={factStyles.note}>bits per byte</span>
        </Fact>
        <Fact name="In its meta file">
          {measure(model.valBpb)} <span className={factStyles.note}>bits per byte</span>
        </Fact>
        <Fact name="Loss here">
          {measure(check.loss)} <span className={factStyles.note}>nats per token</span>
        </Fact>
        <Fact name="Measured on" wide>
          {count(check.tokens)}{' '}
          <span className={factStyles.note}>tokens, {count(check.bytes)} bytes</span>
        </Fact>
        <Fact name="Text" wide>
          <span className={wordStyles.wrapAnywhere}>{text}</span>
          <span className={factStyles.note}>
            , its held-out part, contexts of {count(check.contextSize)}
          </span>
        </Fact>
      </Facts>
      <p className={wordStyles.small} role="status">
        {comparison(check, model)}
      </p>
    </>
  );
}

function comparison(check: ImportCheck, model: ModelFacts): string {
  if (model.valBpb === null) return 'The meta file has no val_bpb to compare with.';
  if (check.isNanochatText) {
    return 'By its name this is the shard that nanochat validates on: the two figures should be close, though they count different parts of it.';
  }
  const why = check.corpus.isDemo
    ? ' The bundled corpus was written by the demo model itself, so this model finds it easy.'
    : '';
  return `The two figures are for different texts, so they need not agree; a wrongly imported model would predict far worse than either.${why}`;
}
