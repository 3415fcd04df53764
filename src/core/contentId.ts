// Ids of things by what they are: `name~hash`. The name is for people; only the hash decides.

/** The hash of `name~hash`, or the whole text if there is none. */
export function hashOfId(id: string): string {
  return id.slice(id.lastIndexOf('~') + 1);
}

/** The name of `name~hash`, or the whole text if there is none. */
export function nameOfId(id: string): string {
  const at = id.lastIndexOf('~');
  return at < 0 ? id : id.slice(0, at);
}

/** Whether two ids mean the same content, whatever it is called. */
export function isSameContent(id: string, other: string): boolean {
  return hashOfId(id) === hashOfId(other);
}
