// One cell, run as a module of its own in a worker of its own: ended, it leaves nothing behind.
import type { CellMessage } from './cellMessage';

/** Whole addresses of what a cell imports, and of what comes before it. */
export type CellModules = { library: string; prelude: string };

/** What a cell shows while it runs. */
export type CellOutput = Exclude<CellMessage, { kind: 'end' }>;

/** The module that the worker runs; what an error says of lines is true of the cell's own. */
function moduleOf(code: string, { library, prelude }: CellModules): string {
  const resolved = code.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)(['"])nanoscope\2/g,
    (_, how: string) => how + JSON.stringify(library),
  );
  const end = "postMessage({ kind: 'end', problem: null });";
  return `import ${JSON.stringify(prelude)}; ${resolved}\n${end}\n`;
}

/** Resolves with what went wrong, null: nothing. Aborted, it ends at once. */
export function runCell(
  code: string,
  o: { modules: CellModules; signal: AbortSignal; show: (output: CellOutput) => void },
): Promise<string | null> {
  const url = URL.createObjectURL(
    new Blob([moduleOf(code, o.modules)], { type: 'text/javascript' }),
  );
  const worker = new Worker(url, { type: 'module' });
  return new Promise<string | null>((resolve) => {
    o.signal.addEventListener('abort', () => {
      resolve(null);
    });
    worker.onmessage = ({ data }: MessageEvent<CellMessage>) => {
      if (data.kind === 'end') resolve(data.problem);
      else o.show(data);
    };
    // A plain Event, without a message, where the module was not even begun.
    worker.onerror = (event: Event) => {
      resolve(
        event instanceof ErrorEvent
          ? `${event.message} (line ${event.lineno})`
          : 'The program could not be started: it is no JavaScript, or it imports a name or a file that is not there.',
      );
    };
  }).finally(() => {
    worker.terminate();
    URL.revokeObjectURL(url);
  });
}
