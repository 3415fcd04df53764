// What the visitor wrote about latents, as the table needs it. The notes themselves are kept elsewhere.

export type RowNote = { label: string; note: string; isStarred: boolean };
export type RowNotes = ReadonlyMap<number, RowNote>;

export const NO_NOTES: RowNotes = new Map();
