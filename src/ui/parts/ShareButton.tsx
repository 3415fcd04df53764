// Opens the dialog that shares what is on screen.
import { useActions } from '../storeContext';
import { Icon } from './Icon';
import { classNames } from './look/classNames';
import controlStyles from './look/controls.module.css';
import wordStyles from './look/words.module.css';

/** isBrief: the button has its icon only. */
export function ShareButton({ isBrief = false }: { isBrief?: boolean }) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, isBrief && controlStyles.icon)}
      title="Share: a link, a QR code, a file"
      onClick={() => actions.share.give.openDialog(true)}
    >
      <Icon name="share" />
      <span className={isBrief ? wordStyles.visuallyHidden : undefined}>Share</span>
    </button>
  );
}
