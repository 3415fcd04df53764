// One live tile: index, rate, range, fresh examples, histogram; a click opens it, a pin keeps it.
import type { CSSProperties } from 'react';
import type { LiveTile } from '../../../engine/train/api';
import { measure, percent } from '../../parts/numberText';
import { useActions, useAppState } from '../../storeContext';
import { lineGlyphs } from '../../../core/text/visibleText';
import { MiniHistogram } from './MiniHistogram';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';
import styles from './LiveTileButton.module.css';

/** The line is cut at its end, so the peak is placed near its start. */
const LEAD = 3;

function shortWindow({ tokens, peak }: LiveTile['examples'][number]) {
  const first = Math.max(0, peak - LEAD);
  return tokens.slice(first).map(({ text }, i) => ({ text, isPeak: first + i === peak }));
}

export function LiveTileButton({ tile }: { tile: LiveTile }) {
  const { latentIndex } = tile;
  const isPinned = useAppState((state) => state.train.live.pinned.includes(latentIndex));
  const actions = useActions();
  return (
    <li className={styles.tile}>
      <div className={styles.head}>
        <button
          type="button"
          className={controlStyles.linkButton}
          aria-label={`Open feature ${latentIndex}`}
          onClick={() => void actions.train.live.open(latentIndex)}
        >
          {latentIndex}
        </button>
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {percent(tile.fireRate)} · max {measure(tile.maxAct)}
        </span>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet, styles.pin)}
          aria-pressed={isPinned}
          aria-label={`Pin feature ${latentIndex}`}
          onClick={() => actions.train.live.togglePin(latentIndex)}
        >
          Pin
        </button>
      </div>
      <MiniHistogram counts={tile.histogram.counts} fires={tile.fireCount} />
      <ol className={styles.examples} aria-label={`Examples of feature ${latentIndex}`}>
        {tile.examples.map((example, i) => (
          <li key={i}>
            {shortWindow(example).map(({ text, isPeak }, at) => (
              <span
                key={at}
                className={
                  isPeak
                    ? classNames(tokenStyles.token, tokenStyles.filled, tokenStyles.peak)
                    : undefined
                }
                style={isPeak ? ({ '--u': 0.6 } as CSSProperties) : undefined}
              >
                {lineGlyphs(text)}
              </span>
            ))}
          </li>
        ))}
      </ol>
      {tile.fireCount === 0 && (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>silent</p>
      )}
    </li>
  );
}
