// A modal dialog on the browser's own element, which keeps focus inside and gives it back. No library does better
// without putting a style element into the page, which its policy forbids.
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Icon } from './Icon';
import { classNames } from './look/classNames';
import controlStyles from './look/controls.module.css';
import styles from './look/dialog.module.css';

type DialogProps = {
  title: string;
  /** Asked for by Escape, the cross, or a press beside the dialog: whoever shows it takes it away. */
  onClose: () => void;
  className?: string | undefined;
  children: ReactNode;
};

/** Open as long as it is drawn. */
export function Dialog({ title, onClose, className, children }: DialogProps) {
  const titleId = useId();
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // Before it leaves the document, so that focus goes back to where it was.
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={classNames(styles.dialog, className)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        // What is inside fills it, so that a press on the element itself is one on the backdrop.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={styles.inner}>
        <div className={styles.head}>
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.quiet, controlStyles.icon)}
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
