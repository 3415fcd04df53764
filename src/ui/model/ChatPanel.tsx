// A conversation with the model: its turns, the next one, a system text. Enter sends, Shift+Enter breaks the
// line. What a turn is in tokens is the engine's business.
import { useEffect, useRef } from 'react';
import { generationBlock } from '../../store/selectors';
import { count } from '../parts/numberText';
import { BAR_LEGEND } from '../parts/tokens/generatedMarks';
import { Icon } from '../parts/Icon';
import { ProblemNote } from '../parts/Messages';
import { samplingProblem } from '../parts/fields/sampling';
import { SamplingFields } from '../parts/fields/SamplingFields';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { useActions, useFacts } from '../storeContext';
import { ChatExchange } from './ChatExchange';
import { enterSends } from './enterSends';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import conversationStyles from '../parts/look/conversation.module.css';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

export function ChatPanel() {
  const problem = useFacts((facts) => facts.chat.problem);
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
  const system = useFacts((facts) => facts.chat.system);
  const { setChatSystem } = useActions();
  return (
    <details className={dataStyles.details}>
      <summary>System text{system === '' ? '' : ' (set)'}</summary>
      <TextAreaField
        id="chat-system"
        label="System text"
        help="Joins your first turn, after a blank line; a change counts from the next reply on."
        value={system}
        onChange={setChatSystem}
      />
    </details>
  );
}

function Exchanges() {
  const exchanges = useFacts((facts) => facts.chat.exchanges);
  const list = useRef<HTMLOListElement>(null);
  const last = exchanges.at(-1);
  const length = last === undefined ? 0 : last.run.lanes.baseline.length;
  // The newest words stay in sight.
  useEffect(() => {
    const element = list.current;
    element?.scrollTo({ top: element.scrollHeight });
  }, [exchanges.length, length]);
  if (exchanges.length === 0) {
    return (
      <div className={layoutStyles.empty}>
        <strong>Nothing said yet</strong>
        <p>
          Typed text can never make a special token. A sum that the model asks for is worked out by
          a calculator here, and put into its reply.
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
  const used = useFacts(({ chat }) => {
    const run = chat.exchanges.at(-1)?.run;
    return run === undefined ? 0 : run.prompt.length + run.lanes.baseline.length;
  });
  const limit = useFacts((facts) => facts.model.facts?.sequence_len ?? 0);
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small)}>
      {count(used)} of {count(limit)} tokens of context. {BAR_LEGEND} Dotted: put in by the
      calculator.
    </p>
  );
}

function Composer() {
  const draft = useFacts((facts) => facts.chat.draft);
  const hasTurns = useFacts((facts) => facts.chat.exchanges.length > 0);
  const running = useFacts((facts) => facts.chat.exchanges.at(-1)?.run.running === true);
  const blocked = useFacts(generationBlock);
  const invalid = useFacts((facts) => samplingProblem(facts.generation.form));
  const { setChatDraft, sendChat, stopGeneration, newConversation } = useActions();
  const reason = blocked ?? invalid;
  const canSend = reason === null && !running && draft.trim() !== '';
  return (
    <>
      <TextAreaField
        id="chat-draft"
        label="Your turn"
        help="Enter sends, Shift+Enter starts a new line."
        value={draft}
        onChange={setChatDraft}
        onKeyDown={enterSends(() => {
          if (canSend) void sendChat();
        })}
      />
      <div className={layoutStyles.buttonRow}>
        {running ? (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void stopGeneration()}
          >
            <Icon name="stop" />
            Stop
          </button>
        ) : (
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.primary)}
            disabled={!canSend}
            onClick={() => void sendChat()}
          >
            <Icon name="play" />
            Send
          </button>
        )}
        {hasTurns && (
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void newConversation()}
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
  const form = useFacts((facts) => facts.generation.form);
  const { setGenerationForm, rollGenerationSeed } = useActions();
  return (
    <details className={dataStyles.details}>
      <summary>Sampling</summary>
      <SamplingFields
        idPrefix="chat"
        form={form}
        onChange={setGenerationForm}
        onRollSeed={rollGenerationSeed}
      />
    </details>
  );
}
