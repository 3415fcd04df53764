// The guide as pages beside the app, so that Help leads somewhere offline and on any host: docs/guide, and what it links to
// in docs, as HTML under docs/ of the build. Links to what is not among them stay as words.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import MarkdownIt from 'markdown-it';
import type { Plugin } from 'vite';
import { POLICY_TEXT } from './pagePolicy.ts';
import { GUIDE } from './src/ui/shell/guide.ts';

const ROOT = import.meta.dirname;
/** Linked to by the guide. */
const BESIDE = ['circuits', 'demo', 'deploy', 'evaluation', 'performance', 'quality'];

/** Paths of the pages, from the root of the build. */
export function guidePaths(): string[] {
  const guide = readdirSync(join(ROOT, 'docs/guide')).filter((name) => name.endsWith('.md'));
  return [...guide.map((name) => `docs/guide/${name}`), ...BESIDE.map((name) => `docs/${name}.md`)]
    .map((path) => path.replace(/\.md$/, '.html'))
    .sort();
}

/** What makes the programs of a page run: where it lies in the build, and of what it is made. */
const NOTEBOOK = {
  page: { file: 'docs/guide/notebookPage.js', source: 'src/ui/notebook/notebookPage.ts' },
  prelude: { file: 'docs/guide/cellPrelude.js', source: 'src/ui/notebook/cellPrelude.ts' },
  library: { file: 'lib/nanoscope.js', source: 'src/library/nanoscope.ts' },
};

/** Of a page with programs. */
function scriptsOf(up: string, from: 'file' | 'source'): string {
  const { page, prelude, library } = NOTEBOOK;
  return `<script type="module" src="${up}${page[from]}" data-prelude="${up}${prelude[from]}" data-library="${up}${library[from]}"></script>\n`;
}

/** One page, whole. path: as of `guidePaths`; from: whether its scripts are built or served from their sources */
export function guidePage(path: string, from: 'file' | 'source' = 'file'): string {
  const source = readFileSync(join(ROOT, path.replace(/\.html$/, '.md')), 'utf8');
  const up = '../'.repeat(path.split('/').length - 1);
  const title = /^# (.+)$/m.exec(source)?.[1] ?? 'nanoscope';
  const others = GUIDE.map(({ page, title: name }) => {
    const isHere = path === `docs/guide/${page}.html`;
    return `<li><a href="${up}docs/guide/${page}.html"${isHere ? ' aria-current="page"' : ''}>${escapeText(name)}</a></li>`;
  });
  const text = render(source, path);
  const scripts = text.includes('<pre data-cell') ? scriptsOf(up, from) : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY_TEXT}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${up}icons/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${up}guide.css">
<title>${escapeText(title)} · nanoscope</title>
${scripts}</head>
<body>
<nav aria-label="Guide"><p><a href="${up}">nanoscope</a></p><ul>${others.join('')}</ul></nav>
<main>
${text}</main>
</body>
</html>
`;
}

const known = new Set(guidePaths());

function render(source: string, path: string): string {
  const markdown = new MarkdownIt({ html: false });
  const { rules } = markdown.renderer;
  // The reader leaves a link out by its opening and closing tokens, which belong together by their order.
  const isOpen: boolean[] = [];
  rules['link_open'] = (tokens, at) => {
    const href = targetOf(tokens[at]?.attrGet('href') ?? '', path);
    isOpen.push(href !== null);
    return href === null ? '' : `<a href="${escapeText(href)}">`;
  };
  rules['link_close'] = () => (isOpen.pop() === true ? '</a>' : '');
  rules['heading_open'] = (tokens, at) => {
    const { tag = 'h2' } = tokens[at] ?? {};
    return `<${tag} id="${anchorOf(tokens[at + 1]?.content ?? '')}">`;
  };
  // Programs that can be run bear the heading above them.
  rules['fence'] = (tokens, at) => {
    const token = tokens[at];
    const content = token?.content ?? '';
    const code = `<code>${escapeText(content)}</code>`;
    if (token?.info !== 'js run') return `<pre>${code}</pre>\n`;
    const above = tokens.slice(0, at).findLastIndex(({ type }) => type === 'heading_open');
    return `<pre data-cell="${escapeText(tokens[above + 1]?.content ?? '')}">${code}</pre>\n`;
  };
  rules['table_open'] = () => '<div class="wide" tabindex="0"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  return markdown.render(source);
}

/** Where a link of the Markdown leads in the build; null: nowhere. */
function targetOf(href: string, from: string): string | null {
  if (/^https?:/.test(href)) return href;
  const [file = '', anchor] = href.split('#');
  const page = file.replace(/\.md$/, '.html');
  if (file !== '' && !known.has(posix.join(posix.dirname(from), page))) return null;
  return page + (anchor === undefined ? '' : `#${anchor}`);
}

/** As code hosts name a heading. */
function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function guidePages(): Plugin {
  return {
    name: 'guide-pages',
    buildStart() {
      if (this.environment.mode !== 'build' || this.environment.name !== 'client') return;
      for (const { file, source } of [NOTEBOOK.page, NOTEBOOK.prelude]) {
        this.emitFile({ type: 'chunk', id: join(ROOT, source), fileName: file });
      }
    },
    generateBundle() {
      for (const path of guidePaths()) {
        this.emitFile({ type: 'asset', fileName: path, source: guidePage(path) });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').replace(/^\//, '').replace(/[?#].*$/, '');
        if (!known.has(path)) {
          next();
          return;
        }
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(guidePage(path, 'source'));
      });
    },
  };
}
