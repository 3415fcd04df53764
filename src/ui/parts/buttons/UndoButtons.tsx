// Back and forth through what was changed.
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';

type UndoButtonsProps = {
  canUndo: boolean;
  canRedo: boolean;
  onUndo: () => void;
  onRedo: () => void;
};

export function UndoButtons({ canUndo, canRedo, onUndo, onRedo }: UndoButtonsProps) {
  const look = classNames(controlStyles.button, controlStyles.toggle);
  return (
    <>
      <button type="button" className={look} disabled={!canUndo} title="Ctrl+Z" onClick={onUndo}>
        Undo
      </button>
      <button
        type="button"
        className={look}
        disabled={!canRedo}
        title="Ctrl+Shift+Z"
        onClick={onRedo}
      >
        Redo
      </button>
    </>
  );
}
