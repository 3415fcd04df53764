// A feature in training as the card that it has everywhere, from the last batches: a click opens it, a pin keeps it. Once
// the run has left an SAE, it opens and turns up there.
import { contextLines } from '../../../core/statistics/contextLines';
import { featureName } from '../../../core/statistics/featureName';
import { heaviestWords } from '../../../core/statistics/firingWords';
import type { LiveTile } from '../../../engine/train/api';
import type { SaeFacts } from '../../../engine/sae/api';
import { FeatureCard, type CardEvidence } from '../../parts/feature/FeatureCard';
import { densitySentence, densityText } from '../../parts/feature/nameText';
import { useActions, useAppState } from '../../storeContext';

/** As many as a card has room for. */
const LINES = 4;

type LiveCardProps = {
  tile: LiveTile;
  /** tokens that the tile was read from */
  tokens: number;
  /** what the run became; null while it trains */
  sae: SaeFacts | null;
};

export function LiveCard({ tile, tokens, sae }: LiveCardProps) {
  const { latentIndex } = tile;
  const isPinned = useAppState((state) => state.train.live.pinned.includes(latentIndex));
  const actions = useActions();
  return (
    <FeatureCard
      latentIndex={latentIndex}
      name={featureName({ latentIndex, firesOn: firesOn(tile) })}
      evidence={evidenceOf(tile, tokens)}
      onOpen={() =>
        sae === null
          ? void actions.train.live.open(latentIndex)
          : actions.explore.openTrained(sae, latentIndex)
      }
      onTurnUp={sae === null ? undefined : () => actions.steer.steerLatent(sae.saeId, latentIndex)}
      pin={
        sae === null
          ? { isOn: isPinned, toggle: () => actions.train.live.togglePin(latentIndex) }
          : undefined
      }
    />
  );
}

function evidenceOf(tile: LiveTile, tokens: number): CardEvidence {
  const firing = { density: tile.fireRate, fireCount: tile.fireCount };
  return {
    histogram: tile.fireCount > 0 ? tile.histogram.counts : [],
    maxAct: tile.maxAct,
    lines: contextLines(tile.examples, LINES),
    density: densityText(firing),
    densitySentence: densitySentence(firing, tokens),
  };
}

function firesOn({ examples }: LiveTile): string[] {
  return heaviestWords(
    examples.flatMap(({ tokens }) =>
      tokens.flatMap(({ text, act }): [string, number][] =>
        act === null || act <= 0 ? [] : [[text, act]],
      ),
    ),
  );
}
