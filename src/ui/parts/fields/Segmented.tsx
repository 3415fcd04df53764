// One choice of a few, side by side.
import { ToggleGroup } from 'radix-ui';
import styles from './Segmented.module.css';

type SegmentedProps<T extends string> = {
  label: string;
  /** null: none of them */
  value: T | null;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
};

export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      className={styles.segmented}
      aria-label={label}
      value={value ?? ''}
      onValueChange={(chosen) => {
        // Radix reports '' when the chosen one is pressed again; it stays chosen.
        const option = options.find((known) => known.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} value={option.value} className={styles.segment}>
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
