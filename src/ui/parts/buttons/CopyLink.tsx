// Copies the link to the current screen and says so; if the clipboard is not available, shows it for copying.
import { useState } from 'react';
import { useActions } from '../../storeContext';
import { Icon } from '../Icon';
import { classNames } from '../look/classNames';
import controlStyles from '../look/controls.module.css';
import inputStyles from '../look/inputs.module.css';
import wordStyles from '../look/words.module.css';

type CopyState = { kind: 'idle' } | { kind: 'copied' } | { kind: 'shown'; url: string };

/** isBrief: the button has its icon only. */
export function CopyLink({ isBrief = false }: { isBrief?: boolean }) {
  const actions = useActions();
  const [state, setState] = useState<CopyState>({ kind: 'idle' });
  async function copy() {
    const { hash, leftOut } = actions.share.write();
    const url = new URL(hash, window.location.href).href;
    if (leftOut.length > 0) {
      actions.shell.notify(
        `The link would be too long, so it leaves out ${leftOut.join(' and ')}.`,
      );
    }
    try {
      await navigator.clipboard.writeText(url);
      setState({ kind: 'copied' });
      actions.shell.announce('Link copied.');
      setTimeout(() => setState({ kind: 'idle' }), 2000);
    } catch {
      setState({ kind: 'shown', url });
    }
    actions.tour.tick('share');
  }
  if (state.kind === 'shown') {
    return (
      <input
        className={inputStyles.input}
        aria-label="Link to copy"
        readOnly
        autoFocus
        value={state.url}
        onFocus={(event) => event.target.select()}
        onBlur={() => setState({ kind: 'idle' })}
      />
    );
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, isBrief && controlStyles.icon)}
      data-shortcut="copy-link"
      title="Copy a link to what is shown (c)"
      onClick={() => void copy()}
    >
      {isBrief && state.kind === 'copied' ? '✓' : <Icon name="link" />}
      <span className={isBrief ? wordStyles.visuallyHidden : undefined}>
        {state.kind === 'copied' ? 'Copied' : 'Copy link'}
      </span>
    </button>
  );
}
