// One feature of an SAE in training, large, with its step: what is known about it now.
import { useCallback, type CSSProperties } from 'react';
import { activationHistogram, filledBins } from '../../../charts/activationHistogram';
import type { LogitToken } from '../../../engine/sae/api';
import type { LiveTile, LiveTiles } from '../../../engine/train/api';
import { activationFill } from '../../parts/tokens/activationFill';
import { count, measure, percent, signedMeasure } from '../../parts/text/numberText';
import { ChartFigure } from '../../parts/ChartFigure';
import { Fact, Facts } from '../../parts/Facts';
import { TokenRow } from '../../parts/tokens/TokenRow';
import { useActions, useAppState } from '../../storeContext';
import { lineGlyphs } from '../../../core/text/visibleText';
import { chipGlyphs, spokenToken } from '../../parts/tokens/tokenText';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import featureStyles from '../../parts/look/feature.module.css';
import wordStyles from '../../parts/look/words.module.css';
import tokenStyles from '../../parts/tokens/tokens.module.css';

type LiveLatentPanelProps = {
  latentIndex: number;
  /** undefined until the first answer about it */
  tile: LiveTile | undefined;
  latest: LiveTiles;
};

export function LiveLatentPanel({ latentIndex, tile, latest }: LiveLatentPanelProps) {
  const actions = useActions();
  return (
    <>
      <div className={featureStyles.head}>
        <h4>
          Feature {latentIndex}{' '}
          <span className={controlStyles.chip}>step {count(latest.step ?? 0)}</span>
        </h4>
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => void actions.train.live.open(null)}
        >
          Back
        </button>
      </div>
      {tile === undefined ? (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>Reading…</p>
      ) : (
        <LiveEvidence tile={tile} tokens={latest.tokens} />
      )}
    </>
  );
}

function LiveEvidence({ tile, tokens }: { tile: LiveTile; tokens: number }) {
  const logits = useAppState((state) => state.train.live.logits);
  return (
    <>
      <Facts>
        <Fact name="Firing rate" title={String(tile.fireRate)}>
          {percent(tile.fireRate)}
          <div className={classNames(wordStyles.muted, wordStyles.small)}>
            {count(tile.fireCount)} of {count(tokens)} tokens
          </div>
        </Fact>
        <Fact name="Max activation" title={String(tile.maxAct)}>
          {measure(tile.maxAct)}
        </Fact>
      </Facts>
      {tile.fireCount > 0 ? (
        <LiveHistogram tile={tile} />
      ) : (
        <p className={wordStyles.muted}>
          It fired on none of these tokens: it may be dead, or rare.
        </p>
      )}
      {logits !== null && (
        <div className={featureStyles.logitPair}>
          <LogitList
            name="Promotes"
            className={classNames(featureStyles.logitList, featureStyles.promotes)}
            tokens={logits.topLogits}
          />
          <LogitList
            name="Suppresses"
            className={classNames(featureStyles.logitList, featureStyles.demotes)}
            tokens={logits.bottomLogits}
          />
        </div>
      )}
      <ol aria-label="Fresh examples">
        {tile.examples.map((example, i) => (
          <LiveExampleRow key={i} example={example} rank={i + 1} maxAct={tile.maxAct} />
        ))}
      </ol>
    </>
  );
}

function LiveHistogram({ tile }: { tile: LiveTile }) {
  const { histogram, maxAct } = tile;
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      activationHistogram({ ...histogram, maxAct }, size, document),
    [histogram, maxAct],
  );
  return (
    <ChartFigure
      title="Activations when firing, log counts"
      height={160}
      draw={draw}
      table={() => ({
        columns: ['from', 'to', 'tokens'],
        rows: filledBins({ ...histogram, maxAct }).map((bin) => [
          measure(bin.from),
          measure(bin.to),
          count(bin.count),
        ]),
      })}
    />
  );
}

type LogitListProps = { name: string; className: string; tokens: readonly LogitToken[] };

function LogitList({ name, className, tokens }: LogitListProps) {
  return (
    <div>
      <h4 className={classNames(wordStyles.muted, wordStyles.small)}>{name}</h4>
      <ol className={className} aria-label={name}>
        {tokens.map((token) => (
          <li key={token.tokenId}>
            <span className={wordStyles.mono}>{chipGlyphs(token.text)}</span>
            <span className={featureStyles.value}>{signedMeasure(token.value)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

type LiveExample = LiveTile['examples'][number];

function LiveExampleRow(o: { example: LiveExample; rank: number; maxAct: number }) {
  const { example, maxAct } = o;
  const toMark = useCallback(
    ({ text, act }: LiveExample['tokens'][number], i: number) => {
      const fill = activationFill(act ?? 0, maxAct);
      const told = act === null ? 'not sampled' : `activation ${measure(act)}`;
      return {
        text: lineGlyphs(text),
        className: classNames(
          fill > 0 && tokenStyles.filled,
          i === example.peak && tokenStyles.peak,
        ),
        style: fill > 0 ? ({ '--u': fill.toFixed(3) } as CSSProperties) : {},
        name: `${spokenToken(text)}, ${told}`,
        details: [told],
      };
    },
    [example.peak, maxAct],
  );
  return (
    <li className={featureStyles.example}>
      <div className={featureStyles.exampleAct}>{measure(example.act)}</div>
      <TokenRow label={`Fresh example ${o.rank}`} tokens={example.tokens} toMark={toMark} />
    </li>
  );
}
