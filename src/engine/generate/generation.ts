// Streams text token by token to the page: one text at a time, held, stepped and stopped from outside. What
// the lanes say is textLanes' business, what edits them its caller's.
import type { LaneName } from '../../core/steer/steeringReport';
import { ModelError } from '../../model/modelErrors';
import type { DecodeSession } from '../../model/modelTypes';
import type { GenerationRequest } from './api';
import { makeGenerationControls, type GenerationControls } from './generationControls';
import { checkPrefix, checkRequest, encodePrompt } from './generationRequest';
import { viewToken } from '../model/tokenView';
import type { EngineHosts } from '../hosts';
import type { TextEditor, TextEdits } from './textEdits';
import { makeTextLanes, type LaneToken, type TextLanes } from './textLanes';

type EndReason = 'length' | 'stop' | 'end' | 'context' | 'failed' | 'lost';

export type GenerationHost = {
  /** editor: who edits the lane called steered; null: one lane without any edit */
  generate: (
    generationId: number,
    request: GenerationRequest,
    editor: TextEditor | null,
  ) => Promise<void>;
  pause: () => void;
  resume: () => void;
  step: () => void;
};

type Hosts = Pick<EngineHosts, 'parts' | 'modelHost' | 'turns' | 'jobs' | 'emit'>;

const JOB = { kind: 'generation', cancelled: 'The text was ended.' } as const;

/** One text being generated: what the page may change, and what is reported however it ends. */
type Run = {
  generationId: number;
  request: GenerationRequest;
  controls: GenerationControls;
  editor: TextEditor | null;
  lanes: TextLanes | null;
  /** whether messages were processed since the last token */
  hasBreathed: boolean;
};

export function createGenerationHost(hosts: Hosts): GenerationHost {
  let current: Run | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const tellPaused = (isPaused: boolean) => {
    if (current === null) return;
    hosts.emit({ kind: 'generationPaused', generationId: current.generationId, isPaused });
  };
  hosts.modelHost.onClosing(() => current?.controls.stop());
  return {
    pause() {
      current?.controls.pause();
      tellPaused(true);
    },
    resume() {
      current?.controls.resume();
      tellPaused(false);
    },
    step() {
      current?.controls.stepOnce();
      tellPaused(true);
    },
    async generate(generationId, request, editor) {
      // A new request ends the old one.
      current?.controls.stop();
      const previous = running;
      const controls = makeGenerationControls();
      const run: Run = {
        generationId,
        request,
        controls,
        editor,
        lanes: null,
        hasBreathed: false,
      };
      current = run;
      const work = previous.catch(() => undefined).then(() => generateText(hosts, run));
      running = work;
      let reason: EndReason = 'failed';
      try {
        reason = await hosts.jobs.run(JOB, generationId, ({ signal }) => {
          signal.addEventListener('abort', controls.stop);
          return work;
        });
      } catch (cause) {
        // The page keeps what it has received.
        if (cause instanceof ModelError && cause.problem === 'device-lost') reason = 'lost';
        throw cause;
      } finally {
        if (current === run) current = null;
        const automation = editor?.automation() ?? null;
        const divergence = run.lanes?.divergence ?? null;
        hosts.emit({ kind: 'generated', generationId, reason, divergence, automation });
      }
    },
  };
}

async function generateText(hosts: Hosts, run: Run): Promise<EndReason> {
  const { request, editor } = run;
  const { tokenizer, facts } = hosts.modelHost.current();
  const promptIds = encodePrompt(tokenizer, request.prompt);
  checkRequest(request, promptIds.length, facts.sequence_len);
  editor?.check();
  checkPrefix(request, facts.vocab_size);
  const tokens = Array.from(promptIds, (tokenId) => viewToken(tokenizer, tokenId));
  hosts.emit({ kind: 'prompt', generationId: run.generationId, tokens });
  const runtime = await hosts.modelHost.runtime();
  const names: readonly LaneName[] = editor?.lanes ?? ['baseline'];
  let edits: TextEdits | null = null;
  let session: DecodeSession | null = null;
  try {
    const maxRows = promptIds.length;
    const breathe = () => {
      run.hasBreathed = true;
      return hosts.parts.breathe();
    };
    edits = (await editor?.prepare({ maxRows, breathe })) ?? null;
    session = await runtime.startDecode({
      lanes: names.length,
      edits: edits?.edits ?? [],
      watchers: edits?.watchers ?? [],
    });
    const { temperature, seed, topK, prefix } = request;
    run.lanes = makeTextLanes({
      session,
      tokenizer,
      promptIds,
      names,
      prefix: prefix ?? {},
      rule: { temperature, seed, topK: topK === 0 ? null : topK },
      edits,
    });
    return await stream(hosts, run, run.lanes, session);
  } finally {
    session?.dispose();
    edits?.dispose();
  }
}

async function stream(
  hosts: Hosts,
  run: Run,
  lanes: TextLanes,
  session: DecodeSession,
): Promise<EndReason> {
  const { facts } = hosts.modelHost.current();
  const { controls, generationId, request } = run;
  for (let count = 0; count < request.maxTokens; count++) {
    // While paused, it leaves the device to other work.
    if (controls.isHeld) await hosts.turns.outside(() => controls.wait());
    if (controls.isStopWanted) return 'stop';
    if (session.position + lanes.inputLength > facts.sequence_len) return 'context';
    const { tokens, latents, values } = await lanes.step(() => run.editor?.valuesAt(count) ?? []);
    for (const token of tokens) tellToken(hosts, generationId, token, values);
    if (latents.length > 0) hosts.emit({ kind: 'tokenLatents', generationId, tokens: latents });
    controls.stepped();
    if (lanes.isEnded) return 'end';
    // Once per token is enough: a steered lane has already processed messages before its first edit.
    if (!run.hasBreathed) await hosts.parts.breathe();
    run.hasBreathed = false;
  }
  return 'length';
}

function tellToken(
  hosts: Hosts,
  generationId: number,
  { lane, tokenId, ...said }: LaneToken,
  values: readonly (number | null)[],
): void {
  const { tokenizer } = hosts.modelHost.current();
  hosts.emit({
    kind: 'token',
    generationId,
    lane,
    token: {
      ...viewToken(tokenizer, tokenId),
      ...said,
      logProb: said.choice?.logProb ?? null,
      values: lane === 'steered' ? [...values] : [],
    },
  });
}
