// Every class has one home: a module beside its component, or charts.css for what src/charts draws. A class that
// nobody uses, one that its module lacks and one written as plain text fail here.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { PAGE_STYLE } from '../../../src/ui/explore/export/pageStyle';

const SRC = join(import.meta.dirname, '../../../src');

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(SRC, folder, name));
}

/** Classes that the selectors of a style sheet name. */
function declaredClasses(css: string): Set<string> {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/'[^']*'/g, '');
  const selectors = [...bare.matchAll(/[^{};]+(?=\{)/g)]
    .map(([text]) => text.trim())
    .filter((text) => !text.startsWith('@'));
  return new Set(
    selectors.flatMap((text) =>
      [...text.matchAll(/\.([A-Za-z_][\w-]*)/g)].map(([, name = '']) => name),
    ),
  );
}

type Usage = {
  /** names read from each module, by the module's path */
  used: Map<string, Set<string>>;
  /** places where a module is not read by a plain name, or a class is plain text */
  wrong: string[];
};

/** Only what src/charts draws has names that are not scoped. */
const isChartClass = (text: string) =>
  text.split(/\s+/).every((name) => /^(chart(-|$)|$)/.test(name));

function usageOf(file: string): Usage {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const modules = new Map<string, string>();
  const used: Usage['used'] = new Map();
  const wrong: string[] = [];
  const blame = (node: ts.Node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    wrong.push(`${relative(SRC, file)}:${line + 1}: ${node.getText()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const from = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
      const local = node.importClause?.name?.text;
      if (!from.endsWith('.module.css') || local === undefined) return;
      modules.set(local, join(dirname(file), from));
      used.set(join(dirname(file), from), new Set());
      return;
    }
    if (ts.isIdentifier(node) && modules.has(node.text)) {
      const { parent } = node;
      const isRead = ts.isPropertyAccessExpression(parent) && parent.expression === node;
      if (isRead) used.get(modules.get(node.text)!)!.add(parent.name.text);
      else if (!ts.isPropertyAccessExpression(parent) && !ts.isPropertyAssignment(parent))
        blame(node);
    }
    if (holdsClasses(node)) findTexts(node, blame);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { used, wrong };
}

function holdsClasses(node: ts.Node): boolean {
  if (ts.isJsxAttribute(node)) return node.name.getText() === 'className';
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'className';
  return ts.isCallExpression(node) && node.expression.getText() === 'classNames';
}

/** Texts that become classes; those that are compared do not. */
function findTexts(node: ts.Node, found: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    if (ts.isBinaryExpression(child) && /^[!=]==$/.test(child.operatorToken.getText())) return;
    if (ts.isStringLiteralLike(child) && !isChartClass(child.text)) found(child);
    if (ts.isTemplateExpression(child)) found(child);
    findTexts(child, found);
  });
}

const usages = filesUnder('ui', /\.tsx?$/).map(usageOf);
const modules = filesUnder('ui', /\.module\.css$/);

describe('classes of the page', () => {
  test('come from modules, each by its plain name', () => {
    expect(usages.flatMap(({ wrong }) => wrong)).toEqual([]);
  });

  test.each(modules.map((path) => [relative(SRC, path), path]))(
    'of %s are all used, and no other is',
    (_, path) => {
      const declared = declaredClasses(readFileSync(path, 'utf8'));
      const used = new Set(usages.flatMap((usage) => [...(usage.used.get(path) ?? [])]));
      expect([...used].sort()).toEqual([...declared].sort());
    },
  );

  test('that hold everywhere are none: tokens and elements only', () => {
    for (const path of filesUnder('ui', /(?<!\.module)\.css$/)) {
      expect([...declaredClasses(readFileSync(path, 'utf8'))], relative(SRC, path)).toEqual([]);
    }
  });
});

describe('classes of charts', () => {
  const sources = filesUnder('charts', /\.ts$/).map((path) => readFileSync(path, 'utf8'));
  const drawn = (name: string) =>
    sources.some((source) =>
      new RegExp(`\\b${name.replace(/\d+$/, '(\\d+|\\$)')}(?![\\w-])`).test(source),
    );

  test('begin with chart- and are all drawn', () => {
    const declared = declaredClasses(readFileSync(join(SRC, 'charts/charts.css'), 'utf8'));
    // d3's brush names what it draws itself.
    declared.delete('selection');
    expect([...declared].filter((name) => !isChartClass(name) || !drawn(name))).toEqual([]);
    expect(declared.size).toBeGreaterThan(20);
  });

  test('on an exported page are drawn too', () => {
    const styled = [...declaredClasses(PAGE_STYLE)].filter((name) => name.startsWith('chart-'));
    expect(styled.filter((name) => !drawn(name))).toEqual([]);
    expect(styled).toContain('chart-bar');
  });
});
