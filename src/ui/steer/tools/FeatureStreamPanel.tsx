// The strongest features of the newest token as text appears: pin one to keep it visible, freeze the list to
// read it, press one to open its examples.
import { useMemo, useState } from 'react';
import type { LatentAct, LaneName, TokenLatents } from '../../../core/steer/steeringReport';
import { rowOf } from '../../../store/steer/steerSelectors';
import { saeOf } from '../../../store/sae/saeSelectors';
import { measure } from '../../parts/text/numberText';
import { hookText } from '../../parts/text/hookText';
import { Segmented } from '../../parts/fields/Segmented';
import { FeaturePreview } from '../../parts/feature/FeaturePreview';
import { useFeatureName } from '../../parts/feature/useFeatureName';
import { useActions, useAppState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import layoutStyles from '../../parts/look/layout.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './FeatureStreamPanel.module.css';

const NONE: readonly TokenLatents[] = [];
const LANES: readonly { value: LaneName; label: string }[] = [
  { value: 'steered', label: 'Steered' },
  { value: 'baseline', label: 'Baseline' },
];

export function FeatureStreamPanel() {
  const latents = useAppState((state) => state.steer.run?.latents ?? NONE);
  const [lane, setLane] = useState<LaneName>('steered');
  const [frozen, setFrozen] = useState<readonly TokenLatents[] | null>(null);
  const [pinned, setPinned] = useState<readonly string[]>([]);
  const shown = frozen ?? latents;
  const sources = useMemo(() => newest(shown, lane), [shown, lane]);
  if (latents.length === 0) {
    return (
      <section className={layoutStyles.panel} aria-label="Feature stream">
        <h2>Features of the newest token</h2>
        <p className={wordStyles.muted}>They appear while a text is written.</p>
      </section>
    );
  }
  return (
    <section className={layoutStyles.panel} aria-label="Feature stream">
      <div className={layoutStyles.panelHead}>
        <h2>Features of the newest token</h2>
        <div className={layoutStyles.buttonRow}>
          <Segmented label="Lane of the stream" value={lane} options={LANES} onChange={setLane} />
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.toggle)}
            aria-pressed={frozen !== null}
            onClick={() => setFrozen(frozen === null ? latents : null)}
          >
            Freeze
          </button>
        </div>
      </div>
      <div className={styles.streams}>
        {sources.map((token) => (
          <TokenFeatures
            key={`${token.saeId} ${token.hook}`}
            token={token}
            history={shown}
            pinned={pinned}
            onPin={(key) =>
              setPinned(
                pinned.includes(key) ? pinned.filter((one) => one !== key) : [...pinned, key],
              )
            }
          />
        ))}
      </div>
    </section>
  );
}

/** The last reported token of each SAE. */
function newest(latents: readonly TokenLatents[], lane: LaneName): TokenLatents[] {
  const last = new Map<string, TokenLatents>();
  for (const token of latents) {
    if (token.lane === lane) last.set(`${token.saeId} ${token.hook}`, token);
  }
  return [...last.values()];
}

type TokenFeaturesProps = {
  token: TokenLatents;
  history: readonly TokenLatents[];
  pinned: readonly string[];
  onPin: (key: string) => void;
};

function TokenFeatures({ token, history, pinned, onPin }: TokenFeaturesProps) {
  const { saeId, hook, lane, latents } = token;
  const name = useAppState((state) => saeOf(state, saeId)?.name ?? saeId);
  const keyOf = (latentIndex: number) => `${saeId}/${latentIndex}`;
  const here = new Map(latents.map(({ latentIndex, act }) => [latentIndex, act]));
  const held = pinned
    .filter((key) => key.startsWith(`${saeId}/`))
    .map((key) => Number(key.slice(saeId.length + 1)));
  const rows: LatentAct[] = [
    ...held.map((latentIndex) => ({ latentIndex, act: here.get(latentIndex) ?? 0 })),
    ...latents.filter(({ latentIndex }) => !held.includes(latentIndex)),
  ];
  return (
    <div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {name}, <span title={hook}>{hookText(hook)}</span>
      </p>
      <ol className={styles.rows} aria-label={`Strongest features, ${hookText(hook)}`}>
        {rows.map(({ latentIndex, act }) => (
          <FeatureRow
            key={latentIndex}
            saeId={saeId}
            latentIndex={latentIndex}
            act={act}
            peak={peakOf(history, lane, saeId, latentIndex)}
            isPinned={held.includes(latentIndex)}
            onPin={() => onPin(keyOf(latentIndex))}
          />
        ))}
      </ol>
    </div>
  );
}

/** The feature's strongest activation in this text, as far as reported. */
function peakOf(
  history: readonly TokenLatents[],
  lane: LaneName,
  saeId: string,
  latentIndex: number,
): number {
  return history.reduce((peak, token) => {
    if (token.lane !== lane || token.saeId !== saeId) return peak;
    const found = token.latents.find((one) => one.latentIndex === latentIndex);
    return Math.max(peak, found?.act ?? 0);
  }, 0);
}

type FeatureRowProps = {
  saeId: string;
  latentIndex: number;
  act: number;
  /** strongest in this text; null: not reported */
  peak: number | null;
  isPinned: boolean;
  onPin: (() => void) | null;
};

export function FeatureRow({ saeId, latentIndex, act, peak, isPinned, onPin }: FeatureRowProps) {
  const maxAct = useAppState((state) => rowOf(state, saeId, latentIndex)?.maxAct ?? null);
  const { text } = useFeatureName(saeId, latentIndex);
  const actions = useActions();
  const share = maxAct === null || maxAct <= 0 ? 0 : Math.min(1, act / maxAct);
  return (
    <li className={isPinned ? classNames(styles.row, styles.pinned) : styles.row}>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, styles.link)}
        aria-label={`Open feature ${latentIndex}`}
        onClick={() => actions.explore.openFeature(saeId, latentIndex)}
      >
        {latentIndex}
      </button>
      <span className={classNames(wordStyles.small, styles.token)}>
        <FeaturePreview saeId={saeId} latentIndex={latentIndex}>
          {text}
        </FeaturePreview>
      </span>
      <span className={styles.bar} aria-hidden="true">
        <span style={{ inlineSize: `${100 * share}%` }} />
      </span>
      <span className={wordStyles.small}>
        {measure(act)}
        {peak !== null && peak > act && (
          <span className={wordStyles.muted}> (peak {measure(peak)})</span>
        )}
      </span>
      {onPin !== null && (
        <button
          type="button"
          className={classNames(
            controlStyles.button,
            controlStyles.quiet,
            controlStyles.smallButton,
          )}
          aria-pressed={isPinned}
          aria-label={`Pin feature ${latentIndex}`}
          onClick={onPin}
        >
          {isPinned ? 'Unpin' : 'Pin'}
        </button>
      )}
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.smallButton)}
        aria-label={`Steer feature ${latentIndex}`}
        onClick={() => actions.steer.slots.add({ kind: 'latent', saeId, latentIndex })}
      >
        Steer
      </button>
    </li>
  );
}
