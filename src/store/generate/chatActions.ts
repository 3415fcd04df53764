// Intents of a conversation: say something, say it again differently, begin anew. A turn that the model cannot
// take comes back as a draft, and what was said before stays.
import type { Turn } from '../../core/model/chat';
import type { StoreContext } from '../context';
import type { Exchange } from './chatState';
import type { GenerationMode, GenerationRun } from './generationRun';
import { beginGeneration } from './generation';
import { isGenerating } from './generateSelectors';

export function makeChatActions(context: StoreContext) {
  const { get, patch, jobs } = context;

  /** Says `text` after `kept`; true when the model took it. A refusal brings back what was there. */
  async function say(text: string, kept: readonly Exchange[]): Promise<boolean> {
    const { exchanges: before, system } = get().generate.chat;
    const turns: Turn[] = [...kept.flatMap(turnsOf), { role: 'user', text }];
    const place = {
      get: () => get().generate.chat.exchanges[kept.length]?.run ?? null,
      set: (run: GenerationRun) =>
        patch('generate', 'chat', { exchanges: [...kept, { text, run }] }),
    };
    patch('generate', 'chat', { problem: null });
    const problem = await beginGeneration(context, place, {
      ...get().generate.form,
      prompt: { system, turns },
      steer: null,
    });
    if (problem === null) return true;
    // What it had said when it failed is worth keeping; a refused turn has said nothing.
    if (place.get()?.lanes.baseline.length === 0) patch('generate', 'chat', { exchanges: before });
    patch('generate', 'chat', { problem });
    return false;
  }

  return {
    setMode: (chosenMode: GenerationMode) => patch('generate', 'chat', { chosenMode }),
    setSystem: (system: string) => patch('generate', 'chat', { system }),
    setDraft: (draft: string) => patch('generate', 'chat', { draft }),
    send: async () => {
      const { draft, exchanges } = get().generate.chat;
      if (draft.trim() === '') return;
      patch('generate', 'chat', { draft: '' });
      const isTaken = await say(draft, exchanges);
      if (!isTaken && get().generate.chat.draft === '') patch('generate', 'chat', { draft });
    },
    /** Says a turn again in other words: what came after it is gone, unless the model refuses it. */
    rerun: (index: number, text: string) =>
      say(text, get().generate.chat.exchanges.slice(0, index)),
    clear: async () => {
      if (isGenerating(get())) await jobs.cancel('generation');
      patch('generate', 'chat', { exchanges: [], problem: null });
    },
  };
}

function turnsOf({ text, run }: Exchange): Turn[] {
  const tokenIds = run.lanes.baseline.map((token) => token.tokenId);
  return [
    { role: 'user', text },
    { role: 'assistant', tokenIds },
  ];
}
