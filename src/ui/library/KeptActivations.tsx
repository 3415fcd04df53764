// What runs keep of their activations: how much it is, whether to go on, and a way to delete it.
import { bytes, count } from '../parts/text/numberText';
import controlStyles from '../parts/look/controls.module.css';
import wordStyles from '../parts/look/words.module.css';
import { useActions, useAppState } from '../storeContext';
import styles from './KeptActivations.module.css';

export function KeptActivations() {
  const kept = useAppState((state) => state.activations.kept);
  const { setKeeping, forget } = useActions().activations;
  if (kept === null) return null;
  const { isOn, byteLength, tokens, room } = kept;
  return (
    <div className={styles.kept} role="group" aria-labelledby="kept-activations">
      <h3 id="kept-activations">What your runs read</h3>
      <p className={wordStyles.small}>
        {byteLength === 0
          ? 'Nothing is kept yet.'
          : `${bytes(byteLength)}: what the model computed for ${count(tokens)} tokens.`}{' '}
        Another run on the same text and place, say with another k, then need not run the model.
      </p>
      <label className={wordStyles.small}>
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ target }) => void setKeeping(target.checked)}
        />{' '}
        Keep it, up to {bytes(room)}; the oldest goes first
      </label>
      {byteLength > 0 && (
        <button type="button" className={controlStyles.button} onClick={() => void forget()}>
          Delete what runs read
        </button>
      )}
    </div>
  );
}
