/** Runs in the page: what runs off its side, and texts that their box cuts without the dots that say so. */
export function cutTexts(): string[] {
  const found: string[] = [];
  const root = document.documentElement;
  const off = root.scrollWidth - root.clientWidth;
  if (off > 0) found.push(`${off} px off the side`);
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
    );
    if (!hasText || element.clientWidth < 2 || !element.checkVisibility()) continue;
    // A card's examples are centred on the token that fires and run out on both sides.
    if (element.closest('article') !== null) continue;
    const style = getComputedStyle(element);
    // What is there for readers of screens only is clipped on purpose.
    if (style.clipPath !== 'none' || style.textOverflow === 'ellipsis') continue;
    const isCutAside =
      style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1;
    const isCutBelow =
      style.overflowY === 'hidden' &&
      element.scrollHeight > element.clientHeight + 2 &&
      style.webkitLineClamp === 'none';
    if (isCutAside || isCutBelow) {
      found.push(`cut: ${element.tagName.toLowerCase()} “${element.innerText.slice(0, 60)}”`);
    }
  }
  return found;
}
