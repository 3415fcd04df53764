// How far a command is: bars with the time left on a terminal, a line at every tenth elsewhere.
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { CliIo } from './io';

export type Progress = {
  /** `about`: what else is known now, as a few words */
  show: (label: string, done: number, total: number, about?: string) => void;
  /** Removes the bars; what was noted stays. */
  end: () => void;
};

export function createProgress(io: CliIo): Progress {
  return io.terminal === null ? plainLines(io) : bars(io.terminal);
}

function bars(stream: NodeJS.WriteStream): Progress {
  const all = new MultiBar(
    {
      stream,
      format: '{label} [{bar}] {percentage} %  {value}/{total}  {eta_formatted} left  {about}',
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    },
    Presets.rect,
  );
  const known = new Map<string, SingleBar>();
  return {
    show(label, done, total, about = '') {
      const bar = known.get(label) ?? all.create(total, 0, { label, about });
      known.set(label, bar);
      bar.setTotal(total);
      bar.update(Math.min(done, total), { about });
    },
    end: () => all.stop(),
  };
}

function plainLines(io: CliIo): Progress {
  const tenths = new Map<string, number>();
  return {
    show(label, done, total, about = '') {
      const tenth = total > 0 ? Math.floor((10 * Math.min(done, total)) / total) : 0;
      if (tenths.get(label) === tenth) return;
      tenths.set(label, tenth);
      io.note(`${label}: ${done} of ${total}${about === '' ? '' : `, ${about}`}`);
    },
    end: () => undefined,
  };
}
