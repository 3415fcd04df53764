// Temperature, top-k, length and seed: the same four boxes wherever a text is written.
import type { GenerationForm } from '../../../store/generate/generationRun';
import { Icon } from '../Icon';
import { NumberField } from './NumberField';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import layoutStyles from '../look/layout.module.css';

type SamplingFieldsProps = {
  idPrefix: string;
  form: GenerationForm;
  onChange: (change: Partial<GenerationForm>) => void;
  onRollSeed: () => void;
};

export function SamplingFields({ idPrefix, form, onChange, onRollSeed }: SamplingFieldsProps) {
  return (
    <div className={layoutStyles.formGrid}>
      <NumberField
        id={`${idPrefix}-temperature`}
        label="Temperature"
        help="0 takes the likeliest"
        value={form.temperature}
        min={0}
        max={5}
        step={0.1}
        onChange={(temperature) => onChange({ temperature })}
      />
      <NumberField
        id={`${idPrefix}-topk`}
        label="Top-k"
        help="0 keeps all"
        value={form.topK}
        min={0}
        onChange={(topK) => onChange({ topK })}
      />
      <NumberField
        id={`${idPrefix}-length`}
        label="Length"
        unit="tokens"
        help="At most"
        value={form.maxTokens}
        min={1}
        onChange={(maxTokens) => onChange({ maxTokens })}
      />
      <NumberField
        id={`${idPrefix}-seed`}
        label="Seed"
        help="Same seed, same text"
        value={form.seed}
        min={0}
        onChange={(seed) => onChange({ seed })}
        after={
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.icon)}
            aria-label="Roll a new seed"
            title="New seed"
            onClick={onRollSeed}
          >
            <Icon name="dice" />
          </button>
        }
      />
    </div>
  );
}
