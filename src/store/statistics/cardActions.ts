// Reads what cards show: those asked for in one turn of the page with one command.
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { saeOf } from '../sae/saeSelectors';

export function makeCardActions({ api, get, patch }: StoreContext) {
  /** asked for and not answered yet, per SAE id */
  const wanted = new Map<string, Set<number>>();

  async function read(saeId: string): Promise<void> {
    await Promise.resolve();
    const indices = [...(wanted.get(saeId) ?? [])];
    wanted.delete(saeId);
    const tokens = saeOf(get(), saeId)?.statisticsTokens ?? 0;
    if (tokens === 0) return;
    const outcome = await settle(api.statistics.cards(saeId, indices));
    // A card that cannot be read keeps its name and shows no text; the table says what is wrong.
    if (!outcome.ok) return;
    const { cards } = get().statistics;
    const known = cards[saeId]?.tokens === tokens ? cards[saeId].byLatent : {};
    const read = Object.fromEntries(outcome.value.map((card) => [card.row.latentIndex, card]));
    patch('statistics', {
      cards: { ...cards, [saeId]: { tokens, byLatent: { ...known, ...read } } },
    });
  }

  return {
    /** Reads a latent's card, unless it is known for the SAE's present statistics. */
    want: (saeId: string, latentIndex: number) => {
      const tokens = saeOf(get(), saeId)?.statisticsTokens ?? 0;
      const known = get().statistics.cards[saeId];
      if (known?.tokens === tokens && known.byLatent[latentIndex] !== undefined) return;
      const waiting = wanted.get(saeId);
      if (waiting !== undefined) {
        waiting.add(latentIndex);
        return;
      }
      wanted.set(saeId, new Set([latentIndex]));
      void read(saeId);
    },
  };
}
