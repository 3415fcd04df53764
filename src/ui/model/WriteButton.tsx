// Makes the model write, and while it does, stops it.
import { useActions } from '../storeContext';
import { Icon } from '../parts/Icon';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';

type WriteButtonProps = {
  name: string;
  isRunning: boolean;
  isDisabled: boolean;
  onStart: () => void;
};

export function WriteButton({ name, isRunning, isDisabled, onStart }: WriteButtonProps) {
  const actions = useActions();
  if (isRunning) {
    return (
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.generate.stop()}
      >
        <Icon name="stop" />
        Stop
      </button>
    );
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.primary)}
      disabled={isDisabled}
      onClick={onStart}
    >
      <Icon name="play" />
      {name}
    </button>
  );
}
