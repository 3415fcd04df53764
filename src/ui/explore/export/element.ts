// Builds elements of an exported document. Text always becomes a text node with control and bidirectional
// characters drawn as glyphs, so no corpus text can become markup.
import { proseGlyphs } from '../../parts/tokens/tokenText';

type Attributes = Readonly<Record<string, string>>;

export type Make = (
  tag: string,
  attributes?: Attributes,
  ...children: (Node | string)[]
) => HTMLElement;

export function makeElements(document: Document): Make {
  return (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    for (const child of children) {
      element.append(
        typeof child === 'string' ? document.createTextNode(proseGlyphs(child)) : child,
      );
    }
    return element;
  };
}
