// The model's blocks with their hook points as buttons: a click trains there.
import { useMemo } from 'react';
import { useActions, useAppState } from '../storeContext';
import { blocksOf, type BlockView } from './architecture';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './ArchitectureStrip.module.css';

export function ArchitectureStrip() {
  const model = useAppState((state) => state.model.open);
  const blocks = useMemo(() => (model === null ? [] : blocksOf(model)), [model]);
  if (model === null) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="architecture">
      <div className={layoutStyles.panelHead}>
        <h2 id="architecture">Architecture</h2>
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          Choose a hook point to train an SAE on it. Round: residual stream; square: what attention
          or the MLP adds to it.
        </p>
      </div>
      <div className={styles.strip}>
        <PlainCard name="Embed" detail="norm, smear" />
        {blocks.map((block) => (
          <BlockCard key={block.layer} block={block} />
        ))}
        <PlainCard name="Logits" detail="norm, soft cap" />
      </div>
    </section>
  );
}

function PlainCard({ name, detail }: { name: string; detail: string }) {
  return (
    <div className={classNames(styles.block, styles.plain)}>
      <div className={styles.head}>{name}</div>
      <p className={classNames(wordStyles.muted, wordStyles.small)} style={{ paddingLeft: 6 }}>
        {detail}
      </p>
    </div>
  );
}

function BlockCard({ block }: { block: BlockView }) {
  const chosen = useAppState((state) => state.train.form.hookPoint);
  const actions = useActions();
  return (
    <div className={styles.block} role="group" aria-label={`Block ${block.layer}`}>
      <div className={styles.head}>
        Block {block.layer}
        <span
          className={controlStyles.chip}
          title={
            block.isShortWindow ? 'Attends to a sliding window' : 'Attends to the full context'
          }
        >
          {block.isShortWindow ? 'short' : 'full'}
        </span>
      </div>
      {block.hooks.map((hook) => (
        <button
          key={hook.hookPoint}
          type="button"
          className={hook.isBranch ? classNames(styles.hook, styles.branch) : styles.hook}
          aria-current={hook.hookPoint === chosen ? 'true' : undefined}
          aria-label={`Train on ${hook.hookPoint}`}
          title={`Train on ${hook.hookPoint}`}
          onClick={() => actions.train.form.trainOn(hook.hookPoint)}
        >
          {hook.label}
        </button>
      ))}
    </div>
  );
}
