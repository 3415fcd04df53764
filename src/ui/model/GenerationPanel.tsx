// Text from the model, as a completion or in a conversation. A completion: prompt, sampling, the stream
// with a log-probability bar under each token.
import { counted } from '../../core/text/counted';
import type { GenerationMode, GenerationRun } from '../../store/generate/generationRun';
import { generationBlock, generationMode } from '../../store/generate/generateSelectors';
import { measure } from '../parts/text/numberText';
import { BAR_LEGEND, markGenerated, markPrompt } from '../parts/tokens/generatedMarks';
import { ProblemNote } from '../parts/Messages';
import { END_WORDS, samplingProblem } from '../parts/fields/sampling';
import { SamplingFields } from '../parts/fields/SamplingFields';
import { Segmented } from '../parts/fields/Segmented';
import { SentenceReader } from '../parts/SentenceReader';
import { TokenRow } from '../parts/tokens/TokenRow';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { ctrlEnterSends } from './enterSends';
import { useActions, useAppState } from '../storeContext';
import { ChatPanel } from './ChatPanel';
import { WriteButton } from './WriteButton';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import tokenStyles from '../parts/tokens/tokens.module.css';

const MODES: readonly { value: GenerationMode; label: string }[] = [
  { value: 'completion', label: 'Completion' },
  { value: 'chat', label: 'Chat' },
];

export function GenerationPanel() {
  const mode = useAppState(generationMode);
  return (
    <section className={layoutStyles.panel} aria-labelledby="generation">
      <div className={layoutStyles.panelHead}>
        <h2 id="generation">Generate</h2>
        <ModeChoice mode={mode} />
      </div>
      <ModeReason mode={mode} />
      {mode === 'chat' ? <ChatPanel /> : <Completion />}
    </section>
  );
}

function ModeChoice({ mode }: { mode: GenerationMode }) {
  const actions = useActions();
  return (
    <Segmented
      label="Way of generating"
      value={mode}
      options={MODES}
      onChange={actions.generate.chat.setMode}
    />
  );
}

/** Why it opened in this mode, and what to expect of the other. */
function ModeReason({ mode }: { mode: GenerationMode }) {
  const stage = useAppState((state) => state.model.open?.stage ?? null);
  if (stage === null) return null;
  const suggested = stage.isChat ? 'chat' : 'completion';
  const words =
    mode === suggested
      ? `So it opens in ${suggested} mode.`
      : stage.isChat
        ? 'You chose completion: your text is continued, not replied to.'
        : 'You chose chat: a base model was never taught to take turns, so expect it to ramble.';
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small)}>
      {stage.why} {words}
    </p>
  );
}

function Completion() {
  const form = useAppState((state) => state.generate.form);
  const actions = useActions();
  return (
    <>
      <TextAreaField
        id="prompt"
        label="Prompt"
        help="Starts after the BOS token."
        value={form.prompt}
        onChange={(prompt) => actions.generate.setForm({ prompt })}
        onKeyDown={ctrlEnterSends(() => void actions.generate.start())}
      />
      <SamplingFields
        idPrefix="generate"
        form={form}
        onChange={actions.generate.setForm}
        onRollSeed={actions.generate.rollSeed}
      />
      <Transport />
      <Output />
    </>
  );
}

function Transport() {
  const blocked = useAppState(generationBlock);
  const invalid = useAppState((state) => samplingProblem(state.generate.form));
  const running = useAppState((state) => state.generate.run?.running === true);
  const actions = useActions();
  const reason = blocked ?? invalid;
  return (
    <div className={layoutStyles.buttonRow}>
      <WriteButton
        name="Generate"
        isRunning={running}
        isDisabled={reason !== null}
        onStart={() => void actions.generate.start()}
      />
      {!running && reason !== null && <span className={wordStyles.reason}>{reason}</span>}
    </div>
  );
}

function Output() {
  const run = useAppState((state) => state.generate.run);
  if (run === null) return null;
  const { baseline, steered } = run.lanes;
  // Without steering there is only one lane, whatever its name.
  const tokens = baseline.length > 0 ? baseline : steered;
  return (
    <>
      <ProblemNote problem={run.problem} />
      <div className={tokenStyles.textBox} style={BAR_COLOUR}>
        <TokenRow
          label="Prompt tokens"
          className={classNames(tokenStyles.tokens, tokenStyles.inline)}
          tokens={run.prompt}
          toMark={markPrompt}
        />
        <TokenRow
          label="Generated text"
          className={classNames(tokenStyles.tokens, tokenStyles.inline)}
          tokens={tokens}
          toMark={markGenerated}
        />
      </div>
      <SentenceReader tokens={tokens} />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {statusText(run, tokens.length)} {BAR_LEGEND}
      </p>
    </>
  );
}

const BAR_COLOUR = { '--bar': 'var(--lane-baseline)' } as React.CSSProperties;

function statusText(run: GenerationRun, made: number): string {
  const seconds = (run.updatedAt - run.startedAt) / 1000;
  const rate = made > 1 && seconds > 0.5 ? `, ${measure(made / seconds)} tokens/s` : '';
  const end = run.reason === null ? '' : `, ${END_WORDS[run.reason]}`;
  return `${counted(made, 'token')}${rate}${end}.`;
}
