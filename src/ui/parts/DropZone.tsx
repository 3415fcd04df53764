// A place to drop or choose files. The caller interprets them.
import { useId, useRef, useState, type DragEvent, type ReactNode } from 'react';
import type { ModelFile } from '../../engine/shared/api';
import { filesOfDrop, filesOfList } from '../files';
import { classNames } from './look/classNames';
import controlStyles from './look/controls.module.css';
import layoutStyles from './look/layout.module.css';
import wordStyles from './look/words.module.css';
import styles from './DropZone.module.css';

type DropZoneProps = {
  label: string;
  onFiles: (files: ModelFile[]) => void;
  onFailure: (cause: unknown) => void;
  /** asked first, in the event itself: true if it took the drop */
  onDrop?: (transfer: DataTransfer) => boolean;
  accept?: string;
  offersFolder?: boolean;
  children?: ReactNode;
};

export function DropZone(props: DropZoneProps) {
  const { label, onFiles, onFailure, accept, offersFolder = false, children, onDrop } = props;
  const [over, setOver] = useState(false);
  async function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (onDrop?.(event.dataTransfer) === true) return;
    try {
      onFiles(await filesOfDrop(event.dataTransfer));
    } catch (cause) {
      onFailure(cause);
    }
  }
  return (
    <div
      className={over ? classNames(styles.drop, styles.over) : styles.drop}
      role="group"
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      {children}
      <div className={layoutStyles.buttonRow}>
        {offersFolder && <FilePicker label="Choose folder" folder onFiles={onFiles} />}
        <FilePicker
          label="Choose files"
          onFiles={onFiles}
          {...(accept === undefined ? {} : { accept })}
        />
      </div>
    </div>
  );
}

type FilePickerProps = {
  label: string;
  onFiles: (files: ModelFile[]) => void;
  accept?: string;
  folder?: boolean;
};

function FilePicker({ label, onFiles, accept, folder = false }: FilePickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <>
      <button type="button" className={controlStyles.button} onClick={() => input.current?.click()}>
        {label}
      </button>
      <label className={wordStyles.visuallyHidden} htmlFor={id}>
        {label}
      </label>
      <input
        ref={input}
        id={id}
        className={wordStyles.visuallyHidden}
        type="file"
        tabIndex={-1}
        multiple
        accept={accept}
        // React does not know this property; browsers read the attribute.
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const files = filesOfList(event.target.files ?? []);
          // The same files chosen again must count as a choice.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
