// What each row of a file stands for on a page that must open by itself.
import { plainRow, type ShownRow } from '../../../core/activations/rowFacts';
import type { RowView } from '../../../engine/model/api';

/** Pictures and clips as data: addresses. In a browser only. */
export async function embeddedRows(views: readonly RowView[]): Promise<(row: number) => ShownRow> {
  const shown = new Map<number, ShownRow>();
  for (const { facts, media } of views) {
    shown.set(facts.row, { facts, source: media === null ? null : await dataAddress(media) });
  }
  return (row) => shown.get(row) ?? { facts: plainRow(row), source: null };
}

function dataAddress(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    const refuse = () => reject(new Error('A picture or clip of a row could not be read.'));
    reader.onload = () => (typeof reader.result === 'string' ? resolve(reader.result) : refuse());
    reader.onerror = refuse;
    reader.readAsDataURL(blob);
  });
}
