// A conversation with the model: its turns, the next one, a system text. Enter sends, Shift+Enter starts a
// new line. The engine turns it into tokens.
import { useEffect, useRef } from 'react';
import { generationBlock } from '../../store/generate/generateSelectors';
import { count } from '../parts/text/numberText';
import { BAR_LEGEND } from '../parts/tokens/generatedMarks';
import { ProblemNote } from '../parts/Messages';
import { samplingProblem } from '../parts/fields/sampling';
import { SamplingFields } from '../parts/fields/SamplingFields';
import { SystemTextField } from '../parts/fields/SystemTextField';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { useActions, useAppState } from '../storeContext';
import { ChatExchange } from './ChatExchange';
import { enterSends } from './enterSends';
import { WriteButton } from './WriteButton';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import conversationStyles from '../parts/look/conversation.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

export function ChatPanel() {
  const problem = useAppState((state) => state.generate.chat.problem);
  return (
    <>
      <SystemText />
      <Exchanges />
      <ProblemNote problem={problem} />
      <Composer />
      <Sampling />
    </>
  );
}

function SystemText() {
  const system = useAppState((state) => state.generate.chat.system);
  const actions = useActions();
  return (
    <SystemTextField
      id="chat-system"
      help="Joined to your first turn, after a blank line; a change takes effect with the next reply."
      value={system}
      onChange={actions.generate.chat.setSystem}
    />
  );
}

function Exchanges() {
  const exchanges = useAppState((state) => state.generate.chat.exchanges);
  const list = useRef<HTMLOListElement>(null);
  const last = exchanges.at(-1);
  const length = last === undefined ? 0 : last.run.lanes.baseline.length;
  // Keeps the newest text visible.
  useEffect(() => {
    const element = list.current;
    element?.scrollTo({ top: element.scrollHeight });
  }, [exchanges.length, length]);
  if (exchanges.length === 0) {
    return (
      <div className={layoutStyles.empty}>
        <strong>Nothing said yet</strong>
        <p>
          Typed text can never produce a special token. A calculation that the model asks for is
          worked out by a calculator here, and put into its reply.
        </p>
      </div>
    );
  }
  return (
    <>
      <ol className={conversationStyles.turns} aria-label="Conversation" tabIndex={0} ref={list}>
        {exchanges.map((exchange, index) => (
          <ChatExchange
            key={index}
            exchange={exchange}
            index={index}
            isLast={index === exchanges.length - 1}
          />
        ))}
      </ol>
      <ContextLine />
    </>
  );
}

function ContextLine() {
  const used = useAppState(({ generate: { chat } }) => {
    const run = chat.exchanges.at(-1)?.run;
    return run === undefined ? 0 : run.prompt.length + run.lanes.baseline.length;
  });
  const limit = useAppState((state) => state.model.open?.sequence_len ?? 0);
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small)}>
      {count(used)} of {count(limit)} tokens of context. {BAR_LEGEND} Dotted: put in by the
      calculator.
    </p>
  );
}

function Composer() {
  const draft = useAppState((state) => state.generate.chat.draft);
  const hasTurns = useAppState((state) => state.generate.chat.exchanges.length > 0);
  const running = useAppState(
    (state) => state.generate.chat.exchanges.at(-1)?.run.running === true,
  );
  const blocked = useAppState(generationBlock);
  const invalid = useAppState((state) => samplingProblem(state.generate.form));
  const actions = useActions();
  const reason = blocked ?? invalid;
  const canSend = reason === null && !running && draft.trim() !== '';
  return (
    <>
      <TextAreaField
        id="chat-draft"
        label="Your turn"
        help="Enter sends, Shift+Enter starts a new line."
        value={draft}
        onChange={actions.generate.chat.setDraft}
        onKeyDown={enterSends(() => {
          if (canSend) void actions.generate.chat.send();
        })}
      />
      <div className={layoutStyles.buttonRow}>
        <WriteButton
          name="Send"
          isRunning={running}
          isDisabled={!canSend}
          onStart={() => void actions.generate.chat.send()}
        />
        {hasTurns && (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.generate.chat.clear()}
          >
            New conversation
          </button>
        )}
        {!running && reason !== null && <span className={wordStyles.reason}>{reason}</span>}
      </div>
    </>
  );
}

function Sampling() {
  const form = useAppState((state) => state.generate.form);
  const actions = useActions();
  return (
    <details className={dataStyles.details}>
      <summary>Sampling</summary>
      <SamplingFields
        idPrefix="chat"
        form={form}
        onChange={actions.generate.setForm}
        onRollSeed={actions.generate.rollSeed}
      />
    </details>
  );
}
