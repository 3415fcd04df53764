// Opens the dialog that shares what is on screen.
import { useActions } from '../../storeContext';
import { Icon } from '../Icon';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import wordStyles from '../look/words.module.css';

type ShareButtonProps = { isBrief?: boolean; isOfList?: boolean };

/** isBrief: the button has its icon only. isOfList: it is about what Explore lists. */
export function ShareButton({ isBrief = false, isOfList = false }: ShareButtonProps) {
  const actions = useActions();
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, isBrief && controlStyles.icon)}
      title="Share: a link, a QR code, a file"
      onClick={() => actions.share.give.openDialog(true, isOfList)}
    >
      <Icon name="share" />
      <span className={isBrief ? wordStyles.visuallyHidden : undefined}>
        {isOfList ? 'Share list' : 'Share'}
      </span>
    </button>
  );
}
