// One turn of the user and the reply to it. The turn can be edited and sent again.
import { useState } from 'react';
import { counted } from '../../core/text/counted';
import type { Exchange } from '../../store/generate/chatState';
import { isGenerating } from '../../store/generate/generateSelectors';
import { markGenerated } from '../parts/tokens/generatedMarks';
import { END_WORDS } from '../parts/fields/sampling';
import { SentenceReader } from '../parts/SentenceReader';
import { TokenRow } from '../parts/tokens/TokenRow';
import { useActions, useAppState } from '../storeContext';
import { enterSends } from './enterSends';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import conversationStyles from '../parts/look/conversation.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';

type ChatExchangeProps = { exchange: Exchange; index: number; isLast: boolean };

export function ChatExchange({ exchange, index, isLast }: ChatExchangeProps) {
  const { run } = exchange;
  const tokens = run.lanes.baseline;
  const end = run.reason === null ? 'writing' : END_WORDS[run.reason];
  return (
    <>
      <li className={classNames(conversationStyles.turn, conversationStyles.user)}>
        <UserTurn text={exchange.text} index={index} />
      </li>
      <li className={conversationStyles.turn} style={BAR_COLOUR}>
        <span className={conversationStyles.who}>Model</span>
        <TokenRow label={`Reply ${index + 1}`} tokens={tokens} toMark={markGenerated} />
        {isLast && <SentenceReader tokens={tokens} />}
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {counted(tokens.length, 'token')}, {end}
        </span>
      </li>
    </>
  );
}

const BAR_COLOUR = { '--bar': 'var(--lane-baseline)' } as React.CSSProperties;

function UserTurn({ text, index }: { text: string; index: number }) {
  const [draft, setDraft] = useState<string | null>(null);
  const busy = useAppState(isGenerating);
  const actions = useActions();
  const sendAgain = async (changed: string) => {
    setDraft(null);
    // A refused turn is restored, so that it can be edited again.
    if (!(await actions.generate.chat.rerun(index, changed))) setDraft(changed);
  };
  if (draft === null) {
    return (
      <>
        <span className={conversationStyles.who}>You</span>
        <p className={conversationStyles.text}>{text}</p>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Edit turn ${index + 1}`}
          disabled={busy}
          onClick={() => setDraft(text)}
        >
          Edit
        </button>
      </>
    );
  }
  const canSend = !busy && draft.trim() !== '';
  return (
    <>
      <label className={conversationStyles.who} htmlFor={`turn-${index}`}>
        Turn {index + 1}, changed
      </label>
      <textarea
        id={`turn-${index}`}
        className={inputStyles.input}
        rows={2}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          enterSends(() => {
            if (canSend) void sendAgain(draft);
          })(event);
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setDraft(null);
        }}
      />
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={!canSend}
          onClick={() => void sendAgain(draft)}
        >
          Send again
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          onClick={() => setDraft(null)}
        >
          Cancel
        </button>
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          What follows it is dropped.
        </span>
      </div>
    </>
  );
}
