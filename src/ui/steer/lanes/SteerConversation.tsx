// The conversation so far and its system text; a reply of either lane can be kept and answered.
import { counted } from '../../../core/text/counted';
import type { Turn } from '../../../core/model/chat';
import { SystemTextField } from '../../parts/fields/SystemTextField';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import conversationStyles from '../../parts/look/conversation.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';

export function SteerConversation() {
  const { system, turns } = useAppState((state) => state.steer.chat);
  const actions = useActions();
  const isBase = useAppState((state) => state.model.open?.stage.isChat === false);
  return (
    <>
      {isBase && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          This checkpoint was not trained to chat: expect it to ignore the turns.
        </p>
      )}
      <SystemTextField
        id="steer-system"
        help="Joins the first turn, after a blank line."
        value={system}
        onChange={actions.steer.run.setSystem}
      />
      {turns.length > 0 && (
        <>
          <ol className={conversationStyles.turns} aria-label="Conversation" tabIndex={0}>
            {turns.map((turn, i) => (
              <li
                key={i}
                className={classNames(
                  conversationStyles.turn,
                  turn.role === 'user' && conversationStyles.user,
                )}
              >
                <span className={conversationStyles.who}>
                  {turn.role === 'user' ? 'You' : 'Model'}
                </span>
                <p className={conversationStyles.text}>{turnText(turn)}</p>
              </li>
            ))}
          </ol>
          <button
            type="button"
            className={controlStyles.button}
            onClick={actions.steer.run.clearConversation}
          >
            New conversation
          </button>
        </>
      )}
      <KeepReply />
    </>
  );
}

function turnText(turn: Turn): string {
  if (turn.role === 'user') return turn.text;
  return 'tokenIds' in turn
    ? `A reply of ${counted(turn.tokenIds.length, 'token')}, kept exactly as the model chose them.`
    : turn.parts.map(({ text }) => text).join('');
}

function KeepReply() {
  const canKeep = useAppState(
    ({ steer }) =>
      steer.run !== null && !steer.run.running && typeof steer.run.request.prompt !== 'string',
  );
  const hasBaseline = useAppState(({ steer }) => (steer.run?.lanes.baseline.length ?? 0) > 0);
  const actions = useActions();
  if (!canKeep) return null;
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => actions.steer.run.keepReply('steered')}
      >
        Answer the steered reply
      </button>
      {hasBaseline && (
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => actions.steer.run.keepReply('baseline')}
        >
          Answer the baseline’s
        </button>
      )}
    </div>
  );
}
