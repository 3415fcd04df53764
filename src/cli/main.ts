// The process of `nanoscope`: its streams, Ctrl-C and exit code.
import { runCli } from './runCli';

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The second time, somebody does not want to wait.
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
});

const code = await runCli(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  terminal: process.stderr.isTTY ? process.stderr : null,
  cwd: process.cwd(),
  interrupt: interrupt.signal,
});
// Dawn keeps Node alive.
process.stdout.write('', () => process.exit(code));
