// One feature as a PNG of twice its size, for slides and posts: drawn on a canvas in light colours.
import { elementAt } from '../../../core/elementAt';
import { runningTexts } from '../../../core/text/runningText';
import { filledBins } from '../../../charts/activationHistogram';
import type { LogitToken } from '../../../engine/sae/api';
import { activationFill } from '../../parts/tokens/activationFill';
import { count, measure, percent, signedMeasure } from '../../parts/text/numberText';
import { lineGlyphs } from '../../../core/text/visibleText';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import type { PageFacts } from './dashboardPage';
import type { Feature } from './featureArticle';

const SCALE = 2;
const WIDTH = 880;
const EDGE = 24;
const EXAMPLES = 10;
const CONTEXT = 10;
/** of a token that only goes on with the character before it */
const REST_WIDTH = 4;
const SANS = '"Segoe UI", system-ui, sans-serif';
const MONO = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const [INK, MUTED, LINE, UP, DOWN] = [
  '#16181D',
  '#545B67',
  '#DFE2E7',
  '#0B5CAD',
  '#B8470B',
] as const;
const [LOW, HIGH] = [
  [255, 243, 214],
  [240, 160, 32],
] as const;

/** Rejects if the browser provides no canvas. */
export async function makeDashboardPicture(feature: Feature, facts: PageFacts): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('This browser gives no canvas to draw on.');
  const height = draw(pen, feature, facts);
  // Setting the size clears the canvas; the first drawing was only for measuring.
  canvas.width = WIDTH * SCALE;
  canvas.height = height * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = '#FFFFFF';
  pen.fillRect(0, 0, WIDTH, height);
  draw(pen, feature, facts);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('The picture could not be encoded.'));
      else resolve(blob);
    }, 'image/png');
  });
}

/** Returns the height used. */
function draw(pen: CanvasRenderingContext2D, feature: Feature, facts: PageFacts): number {
  const { row, tokensSeen } = feature.dashboard;
  pen.textBaseline = 'top';
  const unit = feature.rowOf === undefined ? 'tokens' : 'rows';
  text(pen, facts.title, EDGE, EDGE, `600 20px ${SANS}`, INK);
  const density = `${percent(row.density)} (${count(row.fireCount)} of ${count(tokensSeen)} ${unit})`;
  const line = `density ${density} · max ${measure(row.maxAct)} · mean ${measure(row.meanAct)} · kurtosis ${measure(row.kurtosis)}`;
  text(pen, line, EDGE, EDGE + 30, `13px ${SANS}`, MUTED);
  const top = EDGE + 60;
  drawHistogram(pen, feature, { x: EDGE, y: top, width: 400, height: 170 });
  drawLogits(pen, feature.dashboard.topLogits, { x: 460, y: top, color: UP });
  drawLogits(pen, feature.dashboard.bottomLogits, { x: 670, y: top, color: DOWN });
  let y = drawExamples(pen, feature, top + 210);
  for (const origin of facts.origin) {
    text(pen, origin, EDGE, y + 12, `12px ${SANS}`, MUTED);
    y += 18;
  }
  return y + EDGE;
}

function text(
  pen: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  font: string,
  color: string,
): void {
  pen.font = font;
  pen.fillStyle = color;
  pen.fillText(lineGlyphs(words), x, y);
}

type Box = { x: number; y: number; width: number; height: number };

function drawHistogram(pen: CanvasRenderingContext2D, { dashboard }: Feature, box: Box): void {
  const bins = filledBins({ ...dashboard.histogram, maxAct: dashboard.row.maxAct });
  const highest = Math.max(10, ...bins.map((bin) => bin.count));
  const base = box.y + box.height - 18;
  pen.strokeStyle = LINE;
  pen.strokeRect(box.x, box.y, box.width, base - box.y);
  pen.fillStyle = `rgb(${HIGH.join(' ')})`;
  bins.forEach((bin, i) => {
    if (bin.count === 0) return;
    // Log counts start at 0.5, so that a bin with one token is visible.
    const share = Math.log(bin.count / 0.5) / Math.log(highest / 0.5);
    const width = box.width / bins.length;
    const height = share * (base - box.y);
    pen.fillRect(box.x + i * width, base - height, Math.max(1, width - 1), height);
  });
  const axis = `activations when firing, 0 to ${measure(dashboard.row.maxAct)}, log counts`;
  text(pen, axis, box.x, base + 4, `12px ${SANS}`, MUTED);
}

function drawLogits(
  pen: CanvasRenderingContext2D,
  tokens: readonly LogitToken[],
  place: { x: number; y: number; color: string },
): void {
  tokens.forEach((token, i) => {
    const y = place.y + 18 * i;
    pen.save();
    pen.beginPath();
    pen.rect(place.x, y, 120, 18);
    pen.clip();
    text(pen, chipGlyphs(token.text), place.x, y, `13px ${MONO}`, INK);
    pen.restore();
    text(pen, signedMeasure(token.value), place.x + 130, y, `13px ${SANS}`, place.color);
  });
}

function drawExamples(pen: CanvasRenderingContext2D, { dashboard }: Feature, top: number): number {
  const { row, topExamples } = dashboard;
  let y = top;
  for (const { tokens, peak, act } of topExamples.slice(0, EXAMPLES)) {
    text(pen, measure(act), EDGE, y + 2, `12px ${SANS}`, MUTED);
    const running = runningTexts(tokens.map((token) => token.text));
    let x = EDGE + 60;
    pen.font = `14px ${MONO}`;
    for (
      let i = Math.max(0, peak - CONTEXT);
      i < Math.min(tokens.length, peak + CONTEXT + 1);
      i++
    ) {
      const token = tokens[i];
      if (token === undefined) continue;
      const { text: shown, continues } = elementAt(running, i);
      const words = lineGlyphs(shown);
      const width = continues === null ? pen.measureText(words).width : REST_WIDTH;
      if (x + width > WIDTH - EDGE && x > EDGE + 60) {
        x = EDGE + 60;
        y += 22;
      }
      const fill = activationFill(token.act, row.maxAct);
      if (fill > 0) {
        pen.fillStyle = rampColor(fill);
        pen.fillRect(x, y - 1, width, 20);
      }
      pen.fillStyle = token.isSpecial ? MUTED : INK;
      pen.fillText(words, x, y);
      if (i === peak) {
        pen.strokeStyle = MUTED;
        pen.strokeRect(x, y - 1, width, 20);
      }
      x += width;
    }
    y += 28;
  }
  return y;
}

function rampColor(fill: number): string {
  return `rgb(${LOW.map((low, i) => Math.round(low + fill * ((HIGH[i] ?? 0) - low))).join(' ')})`;
}
