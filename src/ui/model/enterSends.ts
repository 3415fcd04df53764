// Enter in a box of text sends it, Shift+Enter breaks the line, as in every chat.
import type { KeyboardEvent } from 'react';

export function enterSends(send: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    // An Enter that confirms a character in an input method does not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
}
