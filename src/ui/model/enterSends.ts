// Enter in a box of text: it sends in a chat, where Shift+Enter breaks the line; elsewhere Ctrl+Enter sends.
import type { KeyboardEvent } from 'react';

export function enterSends(send: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    // An Enter that confirms a character in an input method does not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
}

/** In a box of several lines: Ctrl+Enter, or Cmd+Enter, sends. */
export function ctrlEnterSends(send: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
}
