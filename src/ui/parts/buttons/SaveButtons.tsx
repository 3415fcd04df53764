// Several files that leave the page: as a zip, or right into a folder where the browser can.
import { canSaveFolder } from '../../files';
import type { SaveAs } from '../../hooks/useSaving';
import { Icon } from '../Icon';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import layoutStyles from '../look/layout.module.css';

type SaveButtonsProps = { isDisabled: boolean; onSave: (as: SaveAs) => void };

export function SaveButtons({ isDisabled, onSave }: SaveButtonsProps) {
  return (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        disabled={isDisabled}
        onClick={() => onSave('zip')}
      >
        <Icon name="download" />
        Save as a zip
      </button>
      {canSaveFolder() && (
        <button
          type="button"
          className={controlStyles.button}
          disabled={isDisabled}
          onClick={() => onSave('files')}
        >
          Write into a folder…
        </button>
      )}
    </div>
  );
}
