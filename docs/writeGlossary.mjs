// docs/guide/glossary.md, from the words that the page explains at each term: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {readonly { term: string, meaning: string }[]} glossary @returns {string} */
export function formatGlossary(glossary) {
  const entries = glossary.map(({ term, meaning }) => `- **${term}**: ${meaning}`);
  return `# Words

What the page says at a term that is underlined with dots; \`?\` opens the same list there.

${entries.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(
    join(import.meta.dirname, '../src/ui/parts/text/glossary.ts'),
    { configFile: false },
  );
  writeFileSync(join(import.meta.dirname, 'guide/glossary.md'), formatGlossary(module.GLOSSARY));
}
