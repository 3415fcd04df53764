// The README of a published folder: what lies in it, and how it is opened, here and with SAELens. Pure.
import { folderOf, type FolderManifest } from '../../formats/share/folderManifest';

export function folderReadme({ app, saes }: FolderManifest): string {
  const rows = saes.map(
    (sae) =>
      `| ${cell(sae.name)} | \`${folderOf(sae)}\` | \`${sae.hookPoint}\` | ${sae.architecture}${sae.k === null ? '' : `, k ${sae.k}`} | ${sae.d_in} → ${sae.d_sae} | ${cell(sae.model ?? 'unknown')} |`,
  );
  const [first] = saes;
  return `# Sparse autoencoders for nanochat

Written by nanoscope ${app}. Each folder is an SAE as SAELens writes it (\`cfg.json\`, \`sae_weights.safetensors\`), with what
nanoscope knows of its features: \`statistics.bin\`, \`notes.json\`, \`guesses.json\`. \`nanoscope.json\` lists all files with
their SHA-256.

| name | folder | hook point | architecture | width | model |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Open it in nanoscope

Put this folder on any static host that lets other pages read it (it sends \`Access-Control-Allow-Origin: *\`, as GitHub
Pages and Hugging Face do), then open nanoscope with \`#src=https://HOST/FOLDER/\` after its address. It shows host and sizes
and asks before anything is fetched; every file's hash is checked before it is used.

## Open it with SAELens

\`\`\`python
from sae_lens import SAE

sae = SAE.load_from_disk("${first === undefined ? '' : folderOf(first)}")
\`\`\`
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
