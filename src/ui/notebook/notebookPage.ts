// Makes the programs of a page of the guide (guidePages.ts) cells that can be changed and run. Knows neither React nor the
// app: the page reads the same without it, as text.
import { runCell, type CellModules, type CellOutput } from './runCell';

type Cell = { run: () => Promise<void>; enable: (isEnabled: boolean) => void };

/** The run that is under way; null: none is. One at a time: two would halve each other. */
let current: AbortController | null = null;

function makePage(): void {
  const { library = '', prelude = '' } =
    document.querySelector<HTMLScriptElement>('script[data-library]')?.dataset ?? {};
  const modules = { library: wholeAddress(library), prelude: wholeAddress(prelude) };
  const cells: Cell[] = [];
  const within = async (run: (stop: AbortSignal) => Promise<void>) => {
    if (current !== null) return;
    current = new AbortController();
    update();
    try {
      await run(current.signal);
    } finally {
      current = null;
      update();
    }
  };
  const all = button('Run all', () =>
    within(async (stop) => {
      for (const cell of cells) if (!stop.aborted) await cell.run();
    }),
  );
  const stop = button('Stop', () => {
    current?.abort();
  });
  const update = () => {
    const isRunning = current !== null;
    all.disabled = isRunning;
    stop.disabled = !isRunning;
    for (const cell of cells) cell.enable(!isRunning);
  };
  for (const place of document.querySelectorAll<HTMLElement>('pre[data-cell]')) {
    cells.push(makeCell(place, modules, within));
  }
  const tools = element('div', 'tools whole');
  tools.append(all, stop);
  document.querySelector('h1')?.after(tools);
  update();
}

function wholeAddress(path: string): string {
  return new URL(path, document.baseURI).href;
}

function makeCell(
  place: HTMLElement,
  modules: CellModules,
  within: (run: (stop: AbortSignal) => Promise<void>) => Promise<void>,
): Cell {
  const title = place.dataset['cell'] ?? '';
  const code = document.createElement('textarea');
  code.value = place.textContent.trimEnd();
  code.spellcheck = false;
  code.autocapitalize = 'off';
  code.rows = code.value.split('\n').length;
  code.setAttribute('aria-label', `Program: ${title}`);
  const output = element('div', 'output');
  output.setAttribute('role', 'log');
  output.setAttribute('aria-label', `Output: ${title}`);
  output.tabIndex = 0;
  output.hidden = true;
  const state = element('p', 'state');
  state.setAttribute('role', 'status');

  const run = async () => {
    const signal = current?.signal ?? AbortSignal.abort();
    output.replaceChildren();
    output.hidden = false;
    state.textContent = 'Running …';
    const problem = await runCell(code.value, {
      modules,
      signal,
      show(one) {
        output.append(lineOf(one));
        output.scrollTop = output.scrollHeight;
      },
    });
    if (problem !== null) output.append(lineOf({ kind: 'text', text: problem, isError: true }));
    state.textContent = signal.aborted ? 'Stopped.' : problem === null ? 'Done.' : 'Failed.';
  };
  const start = button('Run', () => within(run));
  start.setAttribute('aria-label', `Run: ${title}`);
  code.addEventListener('input', () => {
    code.rows = code.value.split('\n').length;
  });
  code.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void within(run);
  });
  const tools = element('div', 'tools');
  tools.append(start, state);
  const cell = element('section', 'cell');
  cell.append(code, tools, output);
  place.replaceWith(cell);
  return {
    run,
    enable(isEnabled) {
      start.disabled = !isEnabled;
    },
  };
}

function lineOf(output: CellOutput): HTMLElement {
  if (output.kind === 'text') {
    const line = element('p', output.isError ? 'error' : 'line');
    line.textContent = output.text;
    return line;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(output.file);
  link.download = output.file.name;
  link.textContent = `Save ${output.file.name}`;
  const line = element('p', 'line');
  line.append(link);
  return line;
}

function button(text: string, act: () => unknown): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', () => void act());
  return made;
}

function element(tag: 'div' | 'p' | 'section', className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

makePage();
