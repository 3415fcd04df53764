// One command of `nanoscope` in this process, with what it printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../../src/cli/runCli';

export type CommandRun = {
  code: number;
  /** stdout */
  out: string;
  /** stderr, line by line */
  notes: string[];
};

/** onNote: called with each line on stderr as it comes, and with what Ctrl-C would do. */
export async function runCommand(
  argv: readonly string[],
  o: { cwd?: string; onNote?: (line: string, pressCtrlC: () => void) => void } = {},
): Promise<CommandRun> {
  const out: string[] = [];
  const notes: string[] = [];
  const interrupt = new AbortController();
  const code = await runCli(argv, {
    print: (text) => void out.push(text),
    note: (line) => {
      notes.push(line);
      o.onNote?.(line, () => interrupt.abort());
    },
    terminal: null,
    cwd: o.cwd ?? process.cwd(),
    interrupt: interrupt.signal,
    // As it happens, so that a test can act at a known step.
    schedule: (run) => {
      queueMicrotask(run);
    },
  });
  return { code, out: out.join('\n'), notes };
}

/** The first documents of the demo's text as a file of that folder: all of it would be counted each time. */
export function writeShortText(
  folder: string,
  { documents = 60, name = 'text.jsonl' }: { documents?: number; name?: string } = {},
): string {
  const path = join(folder, name);
  const lines = readFileSync('public/demo/corpus.jsonl', 'utf8').split('\n').slice(0, documents);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
