// The third source of text: the open model writes it. Says plainly what such a text is worth.
import { useState } from 'react';
import { NumberField } from '../parts/fields/NumberField';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import textFieldStyles from './TextFields.module.css';

/** Enough for a few passes with the Quick preset; the sampling is wider than in chat. */
const FIRST_REQUEST = { tokens: 100_000, temperature: 0.9, topK: 200, seed: 42 };

export function SelfTextFields() {
  const [request, setRequest] = useState(FIRST_REQUEST);
  const model = useAppState((state) => state.model.open);
  const opening = useAppState((state) => state.text.opening);
  const actions = useActions();
  const change = (part: Partial<typeof FIRST_REQUEST>) => setRequest({ ...request, ...part });
  const reason = model === null ? 'Open a model first.' : null;
  return (
    <fieldset className={textFieldStyles.fields}>
      <legend>Or let the model write it</legend>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        The open model samples documents from nothing, here on your device. Fluent in places; what
        it says is not true. The same seed writes the same text on one device.
      </p>
      <div className={layoutStyles.formGrid}>
        <NumberField
          id="self-tokens"
          label="Tokens wanted"
          value={request.tokens}
          min={1000}
          onChange={(tokens) => change({ tokens })}
        />
        <NumberField
          id="self-temperature"
          label="Temperature"
          value={request.temperature}
          min={0.1}
          max={10}
          step={0.1}
          onChange={(temperature) => change({ temperature })}
        />
        <NumberField
          id="self-topk"
          label="Top-k"
          help="0 keeps all"
          value={request.topK}
          min={0}
          onChange={(topK) => change({ topK })}
        />
        <NumberField
          id="self-seed"
          label="Seed of the text"
          value={request.seed}
          min={0}
          onChange={(seed) => change({ seed })}
        />
      </div>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={controlStyles.button}
          disabled={opening || reason !== null}
          onClick={() => void actions.text.write(request)}
        >
          Write a text
        </button>
        {reason !== null && <span className={wordStyles.reason}>{reason}</span>}
      </div>
    </fieldset>
  );
}
