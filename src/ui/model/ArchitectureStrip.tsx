// The model's blocks with their hook points as buttons: a click trains there.
import { useMemo } from 'react';
import { useActions, useFacts } from '../storeContext';
import { blocksOf, type BlockView } from './architecture';

export function ArchitectureStrip() {
  const model = useFacts((facts) => facts.model.facts);
  const blocks = useMemo(() => (model === null ? [] : blocksOf(model)), [model]);
  if (model === null) return null;
  return (
    <section className="panel" aria-labelledby="architecture">
      <div className="panel-head">
        <h2 id="architecture">Architecture</h2>
        <p className="muted small">
          Choose a hook point to train an SAE on it. Round: residual stream; square: what attention
          or the MLP adds to it.
        </p>
      </div>
      <div className="strip">
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
    <div className="block-card plain">
      <div className="block-head">{name}</div>
      <p className="muted small" style={{ paddingLeft: 6 }}>
        {detail}
      </p>
    </div>
  );
}

function BlockCard({ block }: { block: BlockView }) {
  const chosen = useFacts((facts) => facts.training.form.hookPoint);
  const { trainOn } = useActions();
  return (
    <div className="block-card" role="group" aria-label={`Block ${block.layer}`}>
      <div className="block-head">
        Block {block.layer}
        <span
          className="chip"
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
          className={hook.isBranch ? 'hook branch' : 'hook'}
          aria-current={hook.hookPoint === chosen ? 'true' : undefined}
          aria-label={`Train on ${hook.hookPoint}`}
          title={`Train on ${hook.hookPoint}`}
          onClick={() => trainOn(hook.hookPoint)}
        >
          {hook.label}
        </button>
      ))}
    </div>
  );
}
