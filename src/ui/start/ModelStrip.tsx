// Where features live: the model from words to words, block by block. A place shows what SAEs there are and offers to
// train one.
import { useMemo, useState } from 'react';
import { saeName } from '../../core/sae/saeName';
import type { HookPoint } from '../../core/activations/hookPoint';
import { saesOfModel } from '../../store/sae/saeSelectors';
import { selectedSae } from '../../store/sae/saeSelectors';
import { useShallow } from 'zustand/react/shallow';
import { hookText } from '../parts/text/hookText';
import { Term } from '../parts/text/Term';
import { count } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import { blocksOf, type BlockView } from './modelBlocks';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './ModelStrip.module.css';

export function ModelStrip() {
  const model = useAppState((state) => state.model.open);
  const blocks = useMemo(() => (model === null ? [] : blocksOf(model)), [model]);
  const own = useAppState((state) => selectedSae(state)?.hookPoint ?? null);
  const [chosen, setChosen] = useState<HookPoint | null>(null);
  if (model === null) return null;
  const place = chosen ?? own;
  return (
    <section className={styles.where} aria-labelledby="where">
      <h2 id="where">Where features live</h2>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Words go in on the left, pass <Term of="MLP, attention">attention and MLP</Term> of each
        block, and the next word comes out on the right. At each place an <Term of="SAE" /> can take
        the numbers apart; a filled mark has one.
      </p>
      <div className={styles.strip}>
        <div className={styles.end}>words in</div>
        {blocks.map((block) => (
          <Block key={block.layer} block={block} place={place} onChoose={setChosen} />
        ))}
        <div className={styles.end}>next word</div>
      </div>
      {place !== null && <Place place={place} />}
    </section>
  );
}

type BlockProps = {
  block: BlockView;
  place: HookPoint | null;
  onChoose: (hook: HookPoint) => void;
};

function Block({ block, place, onChoose }: BlockProps) {
  const filled = useAppState(
    useShallow((state) => saesOfModel(state).map(({ hookPoint }) => hookPoint)),
  );
  return (
    <div className={styles.block} role="group" aria-label={`Block ${block.layer}`}>
      <div className={styles.head}>Block {block.layer}</div>
      {block.hooks.map((hook) => (
        <button
          key={hook.hookPoint}
          type="button"
          className={classNames(
            styles.hook,
            hook.isBranch && styles.branch,
            filled.includes(hook.hookPoint) && styles.filled,
          )}
          aria-pressed={hook.hookPoint === place}
          title={hook.hookPoint}
          onClick={() => onChoose(hook.hookPoint)}
        >
          {hook.label}
        </button>
      ))}
    </div>
  );
}

/** What there is at a place, and what can be done there. */
function Place({ place }: { place: HookPoint }) {
  const saes = useAppState(
    useShallow((state) => saesOfModel(state).filter(({ hookPoint }) => hookPoint === place)),
  );
  const actions = useActions();
  const where = hookText(place);
  return (
    <div
      className={classNames(layoutStyles.buttonRow, styles.place)}
      role="group"
      aria-label={where}
    >
      <strong>{where}</strong>
      {saes.length === 0 && <span className={wordStyles.muted}>no SAE yet</span>}
      {saes.map((sae) => (
        <button
          key={sae.saeId}
          type="button"
          className={controlStyles.button}
          onClick={() => actions.explore.openSae(sae.saeId)}
        >
          Explore {saeName(sae)}, {count(sae.d_sae)} features
        </button>
      ))}
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => actions.train.form.trainOn(place)}
      >
        Train one here
      </button>
    </div>
  );
}
