// One side of `npm run bench -- step --peers`, in a worker of its own: opened once, then any number of steps at a call.
import type { ThreadSource } from '../../src/cpu/kernelThreads';
import { makeCpuBackend } from '../../src/cpu/cpuBackend';
import { openDevice } from '../../src/gpu/device/device';
import { makeGpuBackend } from '../../src/gpu/gpuBackend';
import { openBackend, type StepSide } from '../step/backendSide';
import { makeCase, peerCase, SHAPES, type Case } from '../step/trainingCase';

export type OpenRequest = {
  kind: 'open';
  side: string;
  shape: string;
  steps: number;
};
export type StepsRequest = { kind: 'steps'; count: number };
export type SideAnswer =
  | { kind: 'opened'; facts: Record<string, unknown> }
  | { kind: 'steps'; ms: number[]; fvu: number }
  | { kind: 'failed'; why: string };

let side: StepSide | null = null;

onmessage = ({ data }: MessageEvent<OpenRequest | StepsRequest>) => {
  void answer(data)
    .catch((cause: unknown): SideAnswer => {
      return {
        kind: 'failed',
        why: cause instanceof Error ? cause.message : String(cause),
      };
    })
    .then((told) => postMessage(told));
};

async function answer(request: OpenRequest | StepsRequest): Promise<SideAnswer> {
  if (request.kind === 'open') {
    side = await open(request.side, makeCase(SHAPES[request.shape]!, request.steps));
    return { kind: 'opened', facts: side.facts };
  }
  if (side === null) throw new Error('steps before open');
  const ms: number[] = [];
  while (ms.length < request.count) ms.push(await side.step());
  return { kind: 'steps', ms, fvu: side.fvu() };
}

async function open(name: string, one: Case): Promise<StepSide> {
  switch (name) {
    case 'cpu':
      return openBackend(one, cpu({ count: navigator.hardwareConcurrency - 1, start }));
    case 'cpu-1':
      return openBackend(one, cpu(null));
    case 'webgpu': {
      const opened = await openDevice(navigator.gpu);
      if (!opened.ok) throw new Error(opened.message);
      return openBackend(one, makeGpuBackend(opened.context));
    }
    case 'ort-wasm':
      return (await import('./ortStep')).openOrtStep(peerCase(one));
    case 'tfjs-wasm':
    case 'tfjs-webgpu':
      return (await import('./tfjs.js')).openTfjs(backendOf(name), peerCase(one));
    case 'jax-js-wasm':
    case 'jax-js-webgpu':
      return (await import('./jaxJs.js')).openJaxJs(backendOf(name), peerCase(one));
    default:
      throw new Error(`no side ${name}`);
  }
}

function backendOf(name: string): 'wasm' | 'webgpu' {
  return name.endsWith('wasm') ? 'wasm' : 'webgpu';
}

function cpu(threads: ThreadSource | null) {
  return makeCpuBackend((x) => {
    if (x.where === 'cpu') return Promise.resolve(x.data);
    throw new Error('no model runs here');
  }, threads);
}

function start(): Worker {
  return new Worker(new URL('../../src/cpu/kernelThread.js', import.meta.url), {
    type: 'module',
  });
}
