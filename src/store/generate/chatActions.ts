// Intents of a conversation: say something, say it again differently, begin anew. A turn that the model cannot
// take comes back as a draft, and what was said before stays.
import type { Turn } from '../../core/model/chat';
import type { StoreContext } from '../context';
import type { Exchange } from '../facts';
import type { GenerationMode, GenerationRun } from './textFacts';
import { beginGeneration } from './generation';
import { isGenerating } from '../selectors';

export function makeChatActions(context: StoreContext) {
  const { get, patch, jobs } = context;

  /** Says `text` after `kept`; true when the model took it. A refusal brings back what was there. */
  async function say(text: string, kept: readonly Exchange[]): Promise<boolean> {
    const { exchanges: before, system } = get().chat;
    const turns: Turn[] = [...kept.flatMap(turnsOf), { role: 'user', text }];
    const place = {
      get: () => get().chat.exchanges[kept.length]?.run ?? null,
      set: (run: GenerationRun) => patch('chat', { exchanges: [...kept, { text, run }] }),
    };
    patch('chat', { problem: null });
    const problem = await beginGeneration(context, place, {
      ...get().generation.form,
      prompt: { system, turns },
      steer: null,
    });
    if (problem === null) return true;
    // What it had said when it failed is worth keeping; a refused turn has said nothing.
    if (place.get()?.lanes.baseline.length === 0) patch('chat', { exchanges: before });
    patch('chat', { problem });
    return false;
  }

  return {
    setGenerationMode: (chosenMode: GenerationMode) => patch('chat', { chosenMode }),
    setChatSystem: (system: string) => patch('chat', { system }),
    setChatDraft: (draft: string) => patch('chat', { draft }),
    sendChat: async () => {
      const { draft, exchanges } = get().chat;
      if (draft.trim() === '') return;
      patch('chat', { draft: '' });
      const isTaken = await say(draft, exchanges);
      if (!isTaken && get().chat.draft === '') patch('chat', { draft });
    },
    /** Says a turn again in other words: what came after it is gone, unless the model refuses it. */
    rerunTurn: (index: number, text: string) => say(text, get().chat.exchanges.slice(0, index)),
    newConversation: async () => {
      if (isGenerating(get())) await jobs.cancel('generation');
      patch('chat', { exchanges: [], problem: null });
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
