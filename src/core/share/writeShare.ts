// The link to a state, kept as short as what is read again, and what it had to leave out. Pure.
import { encode } from './linkValues';
import { formatShareState, MAX_HASH, type ShareState } from './shareState';

export type WrittenShare = {
  /** with its `#`, at most MAX_HASH characters after it: as much as is read again */
  hash: string;
  /** what of the state had no room, as the ends of "This link leaves out …" */
  leftOut: string[];
};

/** The link to a state. Where it would be longer than what is read, gives up first what weighs most and says
 *  least: keys of other versions, the curve of an automation, then the ends of prompt and text. */
export function writeShare(state: ShareState): WrittenShare {
  const leftOut: string[] = [];
  let fitting = state;
  const excess = () => formatShareState(fitting).length - 1 - MAX_HASH;
  if (excess() > 0 && fitting.unknown.length > 0) {
    leftOut.push('keys that this version does not know');
    fitting = { ...fitting, unknown: [] };
  }
  if (excess() > 0 && fitting.auto !== null) {
    leftOut.push('the recorded dial movements');
    fitting = { ...fitting, auto: null };
  }
  for (const [key, what] of [
    ['prompt', 'of the prompt'],
    ['text', 'of the text'],
  ] as const) {
    const whole = fitting[key];
    if (whole === null || excess() <= 0) continue;
    const most = longestFitting(whole, encode(whole).length - excess());
    leftOut.push(`the last ${whole.length - most.length} characters ${what}`);
    fitting = { ...fitting, [key]: most === '' ? null : most };
  }
  return { hash: formatShareState(fitting), leftOut };
}

/** The longest beginning of a text, in whole characters, that takes at most `room` characters when encoded. */
function longestFitting(text: string, room: number): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += encode(character).length;
    if (used > room) break;
    end += character.length;
  }
  return text.slice(0, end);
}
