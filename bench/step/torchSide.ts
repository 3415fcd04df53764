// PyTorch as a side of the comparison.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Side, Timed } from './side';
import { peerCase, type Case } from './trainingCase';

/** tests/peers/step_torch.py, which waits for its turns. */
export async function openTorch(one: Case, python: string, decode: string): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoscope-step-'));
  const { x, W, b_dec, ...told } = peerCase(one);
  await writeFile(join(folder, 'case.json'), JSON.stringify(told));
  for (const [name, data] of Object.entries({ x, w_dec: W, b_dec })) {
    await writeFile(join(folder, `${name}.f32`), new Uint8Array(data.buffer));
  }
  const child = spawn(python, ['tests/peers/step_torch.py', folder, decode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const answer = (await answers.next()) as IteratorResult<string, undefined>;
    if (answer.done === true) throw new Error(`step: ${python} ended: does it have torch?`);
    return JSON.parse(answer.value) as T;
  };
  const facts = await next<Record<string, unknown>>();
  let loss = NaN;
  return {
    name: `torch-${decode}`,
    steps: async (count) => {
      child.stdin.write(`${count}\n`);
      const answer = await next<Timed & { loss: number }>();
      loss = answer.loss;
      return answer;
    },
    // Its loss is mse / V.
    fvu: () => loss,
    facts,
    close: () => {
      child.stdin.end();
      void once(child, 'exit').then(() => rm(folder, { recursive: true }));
    },
  };
}
