// The graph as a file: JSON that Neuronpedia and circuit-tracer read, SVG, PNG.
import { useState } from 'react';
import { circuitChart, FILE_COLOURS } from '../../charts/circuitChart';
import type { CircuitData } from '../../charts/circuitLayout';
import type { Problem } from '../../engine/shared/api';
import { bugProblem } from '../../store/problems';
import { saveBlob } from '../files';
import { ProblemNote } from '../parts/Messages';
import { MenuItem, PopoverMenu } from '../parts/PopoverMenu';
import { ShareButton } from '../parts/buttons/ShareButton';
import { useActions } from '../storeContext';
import layoutStyles from '../parts/look/layout.module.css';

/** Of a picture: wide enough for a slide. */
const LEAST_WIDTH = 1100;
const SCALE = 2;

export function ExportGraph({ data, name }: { data: CircuitData; name: string }) {
  const actions = useActions();
  const [problem, setProblem] = useState<Problem | null>(null);
  const file = (ending: string) =>
    `circuit-${name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(-40)}.${ending}`;
  const json = async () => {
    const outcome = await actions.circuits.exportJson();
    if (outcome === null) return;
    setProblem(outcome.ok ? null : outcome.problem);
    if (outcome.ok) saveBlob(outcome.value, file('json'));
  };
  const png = async () => {
    try {
      saveBlob(await pngOf(data), file('png'));
    } catch (cause) {
      setProblem(bugProblem(cause));
    }
  };
  return (
    <div className={layoutStyles.buttonRow}>
      <PopoverMenu name="Export the graph" face="Export">
        {() => (
          <>
            <MenuItem
              label="JSON"
              detail="for Neuronpedia, circuit-tracer"
              onChoose={() => void json()}
            />
            <MenuItem label="SVG" onChoose={() => saveBlob(svgOf(data), file('svg'))} />
            <MenuItem label="PNG" onChoose={() => void png()} />
          </>
        )}
      </PopoverMenu>
      <ShareButton />
      <ProblemNote problem={problem} />
    </div>
  );
}

function drawn(data: CircuitData): { text: string; width: number; height: number } {
  const { svg, layout } = circuitChart(data, LEAST_WIDTH, document, {
    colours: FILE_COLOURS,
    hasLinks: true,
  });
  svg.setAttribute('font-family', 'system-ui, sans-serif');
  const { width, height } = layout;
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

function svgOf(data: CircuitData): Blob {
  return new Blob([drawn(data).text], { type: 'image/svg+xml' });
}

/** Rejects where the browser draws no picture. */
async function pngOf(data: CircuitData): Promise<Blob> {
  const { text, width, height } = drawn(data);
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    const pen = canvas.getContext('2d');
    if (pen === null) throw new Error('This browser gives no canvas to draw on.');
    pen.fillStyle = '#ffffff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('The picture could not be encoded.'));
        else resolve(blob);
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
