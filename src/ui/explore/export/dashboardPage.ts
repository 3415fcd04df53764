// Features as one HTML file that opens from disk, offline: its policy allows nothing but its own style and
// script, both named by hash.
import { makeElements } from './element';
import { featureArticle, type Feature } from './featureArticle';
import { PAGE_SCRIPT, PAGE_STYLE } from './pageStyle';

export type PageFacts = {
  title: string;
  /** SAE, hook point and text, one line each */
  origin: readonly string[];
};

/** An empty page in which elements are made: a browser's, or one that stands in for it. */
export type EmptyPage = (title: string) => Document;

const ofThisBrowser: EmptyPage = (title) => document.implementation.createHTMLDocument(title);

/** Needs a secure context (https or localhost), for the hashes. */
export async function makeDashboardPage(
  features: readonly Feature[],
  facts: PageFacts,
  emptyPage: EmptyPage = ofThisBrowser,
): Promise<string> {
  const page = emptyPage(facts.title);
  const articles = features.map((feature) => featureArticle(feature, page));
  return finishPage(page, facts, [toolsOf(features.length, page), ...articles], PAGE_SCRIPT);
}

/** A page with this body as text. Style and script are added as text: as elements they would stand under the policy of
 *  the page that makes them. */
export async function finishPage(
  page: Document,
  facts: PageFacts,
  body: readonly HTMLElement[],
  script: string,
): Promise<string> {
  const make = makeElements(page);
  const policy = [
    "default-src 'none'",
    `style-src '${await hashOf(PAGE_STYLE)}'`,
    `script-src '${await hashOf(script)}'`,
    // Pictures and clips of rows, which stand in the page itself.
    'img-src data:',
    'media-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  page.documentElement.lang = 'en';
  page.head.prepend(
    make('meta', { charset: 'utf-8' }),
    make('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    make('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
  );
  const main = make('main', {}, make('h1', {}, facts.title));
  for (const line of facts.origin) main.append(make('p', { class: 'muted small' }, line));
  main.append(...body);
  page.body.append(main);
  const html = page.documentElement.outerHTML
    .replace('</head>', (end) => `<style>${PAGE_STYLE}</style>${end}`)
    .replace(/<\/body><\/html>$/, (end) => `<script>${script}</script>${end}`);
  return `<!doctype html>\n${html}`;
}

function toolsOf(features: number, page: Document): HTMLElement {
  const make = makeElements(page);
  const tools = make('div', { class: 'tools' });
  if (features > 1) {
    tools.append(
      make('input', {
        id: 'find',
        type: 'search',
        placeholder: 'Find in these features',
        'aria-label': 'Find in these features',
      }),
    );
  }
  const found = make('span', { id: 'found', role: 'status', class: 'muted' });
  tools.append(make('button', { id: 'near', type: 'button' }, 'Context ±16'), found);
  return tools;
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
