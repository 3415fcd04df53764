// One live tile: index, rate, range, fresh examples, histogram; a click opens it, a pin keeps it.
import type { CSSProperties } from 'react';
import type { LiveTile } from '../../engine/api';
import { measure, percent } from '../numberText';
import { useActions, useFacts } from '../storeContext';
import { lineGlyphs } from '../tokenText';
import { MiniHistogram } from './MiniHistogram';

export function LiveTileButton({ tile }: { tile: LiveTile }) {
  const { latentIndex } = tile;
  const isPinned = useFacts((facts) => facts.live.pinned.includes(latentIndex));
  const { openLive, togglePin } = useActions();
  return (
    <li className="live-tile">
      <div className="live-tile-head">
        <button
          type="button"
          className="link-button"
          aria-label={`Open feature ${latentIndex}`}
          onClick={() => void openLive(latentIndex)}
        >
          {latentIndex}
        </button>
        <span className="muted small">
          {percent(tile.fireRate)} · max {measure(tile.maxAct)}
        </span>
        <button
          type="button"
          className="button quiet"
          aria-pressed={isPinned}
          aria-label={`Pin feature ${latentIndex}`}
          onClick={() => togglePin(latentIndex)}
        >
          {isPinned ? 'Pinned' : 'Pin'}
        </button>
      </div>
      <MiniHistogram counts={tile.histogram.counts} fires={tile.fireCount} />
      <ol className="live-examples" aria-label={`Examples of feature ${latentIndex}`}>
        {tile.examples.map(({ tokens, peak }, i) => (
          <li key={i}>
            {tokens.map(({ text }, at) => (
              <span
                key={at}
                className={at === peak ? 'token filled peak' : undefined}
                style={at === peak ? ({ '--u': 0.6 } as CSSProperties) : undefined}
              >
                {lineGlyphs(text)}
              </span>
            ))}
          </li>
        ))}
      </ol>
      {tile.fireCount === 0 && <p className="muted small">silent</p>}
    </li>
  );
}
