// Rows of another tool: pictures of shapes with known factors, an SAE trained on them without any model, and how many of
// the factors it found again.
//   npm run example -- shapes
//   npm run nanoscope -- viz --sae-path out/shapes/sae --activations out/shapes/rows.npy --rows out/shapes/rows.jsonl \
//     --thumbnails out/shapes/thumbs --all-features --output-dir out/shapes/html
import { mkdir, writeFile } from 'node:fs/promises';
import { SaeConfig, trainSaeFromActivations } from 'nanoscope';

const SHAPES = ['circle', 'square', 'triangle'];
const COLOURS = ['crimson', 'seagreen', 'royalblue', 'orange'];
/** One direction each: what a perfect SAE finds. */
const FACTORS = SHAPES.flatMap((shape) => COLOURS.map((colour) => `${colour} ${shape}`));
/** Shapes in a picture. */
const SHOWN = 2;

export async function main({ rows = 4000, width = 32, tokens = 200_000, out = 'out/shapes' } = {}) {
  const random = makeRandom(7);
  const directions = FACTORS.map(() => unit(Array.from({ length: width }, () => random() - 0.5)));
  await mkdir(`${out}/thumbs`, { recursive: true });
  const data = new Float32Array(rows * width);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const chosen = Array.from({ length: SHOWN }, () => Math.floor(random() * FACTORS.length));
    for (const factor of chosen) {
      const strength = 1 + random();
      for (let i = 0; i < width; i++) data[row * width + i]! += strength * directions[factor]![i]!;
    }
    const names = chosen.map((factor) => FACTORS[factor]!);
    const ref = `${names.join('-').replaceAll(' ', '_')}.svg`;
    await writeFile(`${out}/thumbs/${ref}`, pictureOf(names));
    lines.push(JSON.stringify({ row, kind: 'image', ref, label: names.join(', ') }));
  }
  await writeFile(`${out}/rows.npy`, npy(rows, width, data));
  await writeFile(`${out}/rows.jsonl`, `${lines.join('\n')}\n`);

  const activations = { hookPoint: 'blocks.0.hook_resid_post', rows, d_in: width, data } as const;
  const config = SaeConfig.fromActivations(activations, {
    expansionFactor: 0.5,
    k: SHOWN,
    tokens,
    batchSize: 256,
  });
  const sae = await trainSaeFromActivations(activations, config, { device: 'cpu' });
  await sae.save(`${out}/sae`);
  const { W_dec } = sae.params;
  const found = directions.map((direction) => {
    const cosines = Array.from({ length: config.d_sae }, (_, latent) =>
      direction.reduce((sum, value, i) => sum + value * W_dec[latent * width + i]!, 0),
    );
    return Math.max(...cosines);
  });
  FACTORS.forEach((name, i) => console.log(`${name}: best cosine ${found[i]!.toFixed(2)}`));
  const recovered = found.filter((cosine) => cosine > 0.9).length;
  console.log(`${recovered} of ${FACTORS.length} factors recovered`);
  return { recovered, factors: FACTORS.length };
}

function pictureOf(names: readonly string[]): string {
  const drawn = names.map((name, i) => {
    const [colour = '', shape = ''] = name.split(' ');
    return `<g fill="${colour}" transform="translate(${18 + 28 * i} 32)">${FORMS[shape]}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">${drawn.join('')}</svg>`;
}

const FORMS: Record<string, string> = {
  circle: '<circle r="12"/>',
  square: '<rect x="-11" y="-11" width="22" height="22"/>',
  triangle: '<path d="M0 -12L12 10H-12z"/>',
};

function npy(rows: number, width: number, data: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0];
  return Buffer.concat([Uint8Array.from(magic), header, new Uint8Array(data.buffer)]);
}

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Mulberry32: the same rows every time. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
