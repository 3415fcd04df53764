// The token that was clicked, in full, and the way to branch there.
import { counted } from '../../../core/text/counted';
import type { LaneName } from '../../../core/steer/steeringReport';
import type { GeneratedToken } from '../../../engine/generate/api';
import { steeringBlock } from '../../../store/steer/steerSelectors';
import type { GenerationRun } from '../../../store/generate/generationRun';
import { measure, percent } from '../../parts/text/numberText';
import { Icon } from '../../parts/Icon';
import { chipGlyphs, spokenToken } from '../../parts/tokens/tokenText';
import { useActions, useAppState } from '../../storeContext';
import { steeredLines } from './laneMarks';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import dataStyles from '../../parts/look/data.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './TokenCard.module.css';

export type Picked = { lane: LaneName; index: number };

type TokenCardProps = { run: GenerationRun; picked: Picked; onClose: () => void };

export function TokenCard({ run, picked, onClose }: TokenCardProps) {
  const token = run.lanes[picked.lane][picked.index];
  const blocked = useAppState(steeringBlock);
  const actions = useActions();
  if (token === undefined) return null;
  const name = `Token ${picked.index + 1} of the ${picked.lane} lane`;
  return (
    <section className={styles.card} aria-label={name}>
      <div className={layoutStyles.panelHead}>
        <h3>
          {name}: <span className={wordStyles.mono}>{spokenToken(token.text)}</span>
        </h3>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
          aria-label="Close the token"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className={styles.body}>
        <ul className={classNames(styles.list, wordStyles.small)}>
          {tokenLines(token, run).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <Likeliest token={token} />
      </div>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          disabled={blocked !== null}
          onClick={() => void actions.steer.run.branch(picked.index, false)}
        >
          Branch here
        </button>
        <button
          type="button"
          className={controlStyles.button}
          disabled={blocked !== null}
          onClick={() => void actions.steer.run.branch(picked.index, true)}
        >
          <Icon name="dice" />
          Branch, new seed
        </button>
        <span className={wordStyles.reason}>{keptText(picked.index)} with the current dials.</span>
      </div>
    </section>
  );
}

function tokenLines(token: GeneratedToken, run: GenerationRun): string[] {
  const { logProb, choice } = token;
  const own =
    logProb === null
      ? ['put in by the calculator: no log-probability, outside every mean']
      : [`log-probability ${measure(logProb)} nats (${percent(Math.exp(logProb))})`];
  const rank =
    choice === null ? [] : [`rank ${choice.rank}, entropy ${measure(choice.entropy)} nats`];
  return [...own, ...rank, ...steeredLines(token, run.request.steer?.slots ?? [])];
}

function Likeliest({ token }: { token: GeneratedToken }) {
  if (token.choice === null) return null;
  return (
    <table className={classNames(dataStyles.table, styles.likeliest)}>
      <caption className={classNames(wordStyles.muted, wordStyles.small)}>Likeliest here</caption>
      <thead className={wordStyles.visuallyHidden}>
        <tr>
          <th scope="col">token</th>
          <th scope="col">probability</th>
        </tr>
      </thead>
      <tbody>
        {token.choice.top.map(({ tokenId, text, logProb }) => (
          <tr key={tokenId} className={tokenId === token.tokenId ? styles.chosen : undefined}>
            <td className={wordStyles.mono}>{chipGlyphs(text)}</td>
            <td>{percent(Math.exp(logProb))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function keptText(before: number): string {
  if (before === 0) return 'Begins again';
  return `Keeps the ${before === 1 ? 'token' : counted(before, 'token')} before it and continues`;
}
