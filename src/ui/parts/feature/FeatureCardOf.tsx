// A feature's card, filled from the store: name, star, evidence, and what its buttons do.
import { useEffect, useMemo, type ReactNode } from 'react';
import type { LatentCard } from '../../../engine/statistics/api';
import { saeOf } from '../../../store/sae/saeSelectors';
import { isStarred } from '../../../store/featureNames';
import { openRows, showsRows } from '../../../store/model/openRows';
import { useActions, useAppState } from '../../storeContext';
import { RowThumbs } from '../rows/RowThumbs';
import { FeatureCard, type CardEvidence } from './FeatureCard';
import { densitySentence, densityText, type CountedUnit } from './nameText';
import { useFeatureName } from './useFeatureName';

type FeatureCardOfProps = {
  saeId: string;
  latentIndex: number;
  isChosen?: boolean;
  isTabStop?: boolean;
  /** absent: shows the feature on Explore */
  onOpen?: () => void;
  /** absent: adds it to Steer and goes there */
  onTurnUp?: () => void;
  note?: ReactNode;
};

export function FeatureCardOf(props: FeatureCardOfProps) {
  const { saeId, latentIndex, onOpen, onTurnUp, ...shown } = props;
  const name = useFeatureName(saeId, latentIndex);
  const evidence = useEvidence(saeId, latentIndex);
  const isOn = useAppState((state) => isStarred(state, saeId, latentIndex));
  const canStar = useAppState(({ statistics }) => statistics.notes.saeId === saeId);
  const actions = useActions();
  const areRows = useAppState((state) => showsRows(state, saeOf(state, saeId)));
  const canSteer = useAppState((state) => openRows(state) === null);
  const turnUp = onTurnUp ?? (() => actions.steer.steerLatent(saeId, latentIndex));
  const toggle = () => void actions.statistics.notes.toggleStar(latentIndex);
  return (
    <FeatureCard
      {...shown}
      latentIndex={latentIndex}
      name={name}
      evidence={evidence}
      {...(canStar ? { star: { isOn, toggle } } : {})}
      onOpen={onOpen ?? (() => actions.explore.openFeature(saeId, latentIndex))}
      onTurnUp={canSteer ? turnUp : undefined}
      {...(areRows && { rows: <Rows evidence={evidence} latentIndex={latentIndex} /> })}
    />
  );
}

function Rows({ evidence, latentIndex }: { evidence: CardEvidence | null; latentIndex: number }) {
  const rows = useMemo(() => evidence?.lines.flatMap(({ tokenId }) => tokenId ?? []), [evidence]);
  if (rows === undefined) return null;
  return <RowThumbs rows={rows} label={`Strongest rows of feature ${latentIndex}`} />;
}

function useEvidence(saeId: string, latentIndex: number): CardEvidence | null {
  const tokens = useAppState((state) => saeOf(state, saeId)?.statisticsTokens ?? 0);
  const card = useAppState((state) => state.statistics.cards[saeId]?.byLatent[latentIndex] ?? null);
  const unit = useAppState((state) => (showsRows(state, saeOf(state, saeId)) ? 'row' : 'token'));
  const actions = useActions();
  useEffect(
    () => actions.statistics.cards.want(saeId, latentIndex),
    [actions, saeId, latentIndex, tokens],
  );
  return useMemo(() => (card === null ? null : evidenceOf(card, unit)), [card, unit]);
}

function evidenceOf(card: LatentCard, unit: CountedUnit): CardEvidence {
  const { row, tokensSeen, histogram, lines } = card;
  return {
    histogram,
    lines,
    maxAct: row.maxAct,
    density: densityText(row, unit),
    densitySentence: densitySentence(row, tokensSeen, unit),
  };
}
