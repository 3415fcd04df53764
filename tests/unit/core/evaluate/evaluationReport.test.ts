import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  formatEvaluationReport,
  makeEvaluationReport,
} from '../../../../src/core/evaluate/evaluationReport';
import { APP_VERSION } from '../../../../src/engine/appVersion';
import { evaluationOf } from '../../../helpers/evaluationCase';
import packageJson from '../../../../package.json';

const CREATED = '2026-11-24T09:00:00.000Z';
const FIRST = evaluationOf({ saeId: 'mine~1', name: 'mine' });
const SECOND = evaluationOf(
  { saeId: 'other|2', name: 'other|2' },
  { ceLossRecovered: null },
  { isComplete: false, probing: null },
);
const report = makeEvaluationReport([FIRST, SECOND], CREATED);

it('says what transcoders do all at once, beside each alone', () => {
  const { metrics } = evaluationOf({ saeId: 'a~1', name: 'a' }, { ceLossRecovered: 0.625 });
  const saes = ['a', 'b'].map((name) => ({
    id: `${name}~1`,
    name,
    hookPoint: FIRST.sae.hookPoint,
  }));
  const one = evaluationOf({ saeId: 'a~1', name: 'a' }, {}, { together: { saes, metrics } });
  const text = formatEvaluationReport(makeEvaluationReport([one], CREATED));
  const section = text.split('## Transcoders in the places of all their MLPs at once')[1]!;
  expect(section.split('\n').find((line) => line.startsWith('| a'))).toMatch(
    /93\.[56] % .* 2 .* 62\.5 %/,
  );
  expect(formatEvaluationReport(report)).not.toContain('at once');
});

describe('evaluation report', () => {
  it('is a page of tables with every condition that a reader needs', () => {
    const text = formatEvaluationReport(report);
    const rows = text.split('\n').filter((line) => line.startsWith('| mine'));
    expect(rows[0]).toContain('31.5 ± 1.25');
    expect(rows[0]).toContain('0.79');
    expect(rows[1]).toMatch(/2\.316 .* 2\.535 .* 5\.705 .* 93\.[56] %/);
    expect(text).toContain('8100 held-out tokens');
    expect(text).toContain('(131072 were requested; the held-out text has 8100)');
    expect(text).toContain('k = 5');
    expect(text.split('\n').length).toBeLessThan(70);
  });

  it('marks what ended early, writes a missing score as such, and keeps its columns', () => {
    const text = formatEvaluationReport(report);
    expect(text).toContain('**Incomplete: ended early.**');
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const tables = text.split('\n\n').filter((part) => part.startsWith('| SAE'));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      const lines = table.split('\n');
      for (const line of lines) expect(cells(line)).toBe(cells(lines[0]!));
    }
    expect(tables[1]!.split('\n')[3]).toMatch(/\|\s+– \|/);
  });

  it('has no field that docs/evaluation.md does not describe', () => {
    const docs = readFileSync('docs/evaluation.md', 'utf8');
    const names = new Set<string>();
    const collect = (value: unknown) => {
      if (Array.isArray(value)) value.forEach(collect);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, inner] of Object.entries(value)) {
          names.add(name);
          collect(inner);
        }
      }
    };
    collect(JSON.parse(JSON.stringify(report)));
    expect([...names].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
    expect(names.size).toBeGreaterThan(50);
  });
});

it('reports carry the version of the package', () => {
  expect(APP_VERSION).toBe(packageJson.version);
});
