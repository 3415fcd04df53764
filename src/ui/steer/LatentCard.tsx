// What the chosen latent is, in three lines.
import { measure, percent } from '../numberText';
import { ProblemNote } from '../parts/Messages';
import { chipGlyphs } from '../tokenText';
import { useActions, useFacts } from '../storeContext';

const WORDS = 6;

export function LatentCard() {
  const latent = useFacts((facts) => facts.steer.latent);
  const saeId = useFacts((facts) => facts.steer.saeId);
  const { show, selectSae, selectLatent } = useActions();
  if (latent.status === 'failed') return <ProblemNote problem={latent.problem} />;
  if (latent.status === 'empty') return null;
  if (latent.status === 'loading') {
    return (
      <div className="latent-card" role="status" aria-label="Loading the feature">
        <div className="skeleton" style={{ width: '60%' }} />
        <div className="skeleton" />
      </div>
    );
  }
  const { row, topLogits } = latent.value;
  return (
    <div className="latent-card" role="group" aria-label={`Feature ${row.latentIndex}`}>
      {row.fireCount === 0 ? (
        <p>Dead: it never fired, so its maximum is 0 and the dial moves nothing.</p>
      ) : (
        <p>
          Fires on {percent(row.density)} of tokens, at most {measure(row.maxAct)}.
        </p>
      )}
      {topLogits.length > 0 && (
        <div className="token-words" aria-label="Promotes" role="group">
          {topLogits.slice(0, WORDS).map((token) => (
            <span key={token.tokenId}>{chipGlyphs(token.text)}</span>
          ))}
        </div>
      )}
      <button
        type="button"
        className="link-button"
        onClick={() => {
          if (saeId !== null) selectSae(saeId);
          selectLatent(row.latentIndex);
          show('explore');
        }}
      >
        See its examples
      </button>
    </div>
  );
}
