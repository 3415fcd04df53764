// Opens any feature of the run by its index.
import { useId, useState, type SubmitEvent } from 'react';
import { useActions } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './OpenByIndex.module.css';

export function OpenByIndex({ d_sae }: { d_sae: number }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const actions = useActions();
  const index = typed.trim() === '' ? NaN : Number(typed);
  const isFine = Number.isInteger(index) && index >= 0 && index < d_sae;
  function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    if (isFine) void actions.train.live.open(index);
  }
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <label className={wordStyles.visuallyHidden} htmlFor={id}>
        Feature, 0 to {d_sae - 1}
      </label>
      <input
        id={id}
        className={inputStyles.input}
        type="number"
        min={0}
        max={d_sae - 1}
        placeholder={`Number to ${d_sae - 1}`}
        value={typed}
        aria-invalid={typed !== '' && !isFine ? true : undefined}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className={controlStyles.button} disabled={!isFine}>
        Open
      </button>
    </form>
  );
}
