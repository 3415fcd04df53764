// Runs before a cell's own code, in its worker: what the cell logs is shown on the page, a File as a link to save it.
import type { CellMessage } from './cellMessage';

const tell = (message: CellMessage) => {
  postMessage(message);
};

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error || value === undefined) return String(value);
  if (value instanceof Float32Array) {
    return `${value.length} values: ${value.subarray(0, 8).join(', ')}${value.length > 8 ? ' …' : ''}`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : (value as number).toString();
}

function show(isError: boolean) {
  return (...values: unknown[]) => {
    const texts = values.filter((value) => !(value instanceof File));
    if (texts.length > 0) tell({ kind: 'text', text: texts.map(textOf).join(' '), isError });
    for (const file of values) if (file instanceof File) tell({ kind: 'file', file });
  };
}

Object.assign(console, {
  log: show(false),
  info: show(false),
  warn: show(true),
  error: show(true),
});
addEventListener('unhandledrejection', ({ reason }) => {
  tell({ kind: 'end', problem: textOf(reason) });
});
