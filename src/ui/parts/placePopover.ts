// Where something lies that is shown beside what it is about: on top of everything, since a table that scrolls would
// cut it off anywhere else.

/** Under its anchor, or above where the window ends there; never across an edge of the window.
 *  @param gap px from the anchor; 0 where the pointer goes from one to the other
 *  @param margin px from an edge */
export function placePopover(anchor: Element, own: HTMLElement, gap: number, margin: number): void {
  const at = anchor.getBoundingClientRect();
  const most = window.innerWidth - own.offsetWidth - margin;
  own.style.left = `${Math.max(margin, Math.min(at.left, most))}px`;
  const fits = at.bottom + gap + own.offsetHeight + margin <= window.innerHeight;
  own.style.top = `${fits ? at.bottom + gap : Math.max(margin, at.top - gap - own.offsetHeight)}px`;
}
