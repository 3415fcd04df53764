// The whole window takes a dropped checkpoint folder, SAE or text, on every screen. A zone that takes files of its own
// kind has handled them before they get here.
import { useEffect, useState } from 'react';
import type { ModelFile } from '../../../engine/shared/api';
import type { AppActions } from '../../../store/actions';
import { bugProblem } from '../../../store/problems';
import { filesOfDrop } from '../../files';
import { useActions, useReadState } from '../../storeContext';
import { dropKind, unknownDrop } from './dropKind';
import styles from './WindowDrop.module.css';

export function WindowDrop() {
  const actions = useActions();
  const readState = useReadState();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // Entering a child also leaves its parent: only the difference says whether the pointer is within.
    let depth = 0;
    const listeners = {
      dragenter: (event: DragEvent) => {
        if (!holdsFiles(event)) return;
        depth++;
        setOver(true);
      },
      dragleave: () => {
        depth = Math.max(0, depth - 1);
        if (depth === 0) setOver(false);
      },
      dragover: (event: DragEvent) => {
        if (holdsFiles(event)) event.preventDefault();
      },
      drop: (event: DragEvent) => {
        depth = 0;
        setOver(false);
        if (event.defaultPrevented || !holdsFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        filesOfDrop(event.dataTransfer).then(
          (files) => openDropped(actions, files, readState().share.received !== null),
          (cause: unknown) => actions.shell.tellProblem(bugProblem(cause)),
        );
      },
    };
    const entries = Object.entries(listeners) as [keyof typeof listeners, () => void][];
    for (const [name, listener] of entries) window.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) window.removeEventListener(name, listener);
    };
  }, [actions, readState]);
  if (!isOver) return null;
  return (
    <div className={styles.hint} role="status">
      <p>
        <strong>Drop it here</strong>
        <span>
          a nanochat checkpoint folder, an SAE, a text, or activations in .npy or .safetensors. It
          stays on this device.
        </span>
      </p>
    </div>
  );
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}

function openDropped(actions: AppActions, files: ModelFile[], isReceiving: boolean): void {
  const paths = files.map(({ path }) => path);
  const kind = dropKind(paths);
  switch (kind) {
    case 'model':
    case 'rows':
      void actions.model.openFiles(files);
      return;
    case 'unsure':
      actions.model.openIfRows(files).then(
        (areRows) => {
          if (!areRows) importSae(actions, files, isReceiving);
        },
        (cause: unknown) => actions.shell.tellProblem(bugProblem(cause)),
      );
      return;
    case 'sae':
      importSae(actions, files, isReceiving);
      return;
    case 'text':
      actions.shell.show('train');
      void actions.text.openFiles(files, 'text');
      return;
    case 'shared': {
      const file = files.find(({ path }) => dropKind([path]) === 'shared');
      if (file !== undefined) void actions.share.received.readFile(file);
      return;
    }
    case null:
      actions.shell.tellProblem(unknownDrop(paths));
      return;
    default:
      kind satisfies never;
  }
}

function importSae(actions: AppActions, files: ModelFile[], isReceiving: boolean): void {
  // What was shared may be waiting for just that.
  if (!isReceiving) actions.shell.show('explore');
  void actions.sae.importFiles(files);
}
