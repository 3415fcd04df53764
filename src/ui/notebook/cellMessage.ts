// What a running cell tells its page. Types only.

export type CellMessage =
  | { kind: 'text'; text: string; isError: boolean }
  | { kind: 'file'; file: File }
  /** problem: null: its last line was run */
  | { kind: 'end'; problem: string | null };
