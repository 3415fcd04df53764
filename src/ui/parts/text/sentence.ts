// Messages from below name a subject and a value, and end where the value ends.

/** With a full stop, so that another sentence can follow. */
export function sentence(text: string): string {
  return /[.!?…]["”’)]?$/.test(text) ? text : `${text}.`;
}
