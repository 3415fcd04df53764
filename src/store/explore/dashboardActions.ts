// Intents around an open dashboard: how its examples are shown, questions that need the model, notes and stars.
import type { DashboardView } from '../../core/share/shareState';
import type { Outcome } from '../../engine/shared/api';
import type { LatentDashboard, LatentNote } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { emptyNote, NO_INQUIRY, NO_NOTES, type Asked, type InquirySlice } from './dashboardFacts';
import { settle } from '../problems';

/** Tokens that an exact count of co-activation reads at most. */
const EXACT_TOKENS = 2_097_152;

export function makeDashboardActions(context: StoreContext) {
  const { api, get, patch, jobs } = context;

  /** Asks about the open latent; an answer that comes after it was left is dropped. */
  async function ask<K extends Exclude<keyof InquirySlice, 'of'>>(
    key: K,
    question: (saeId: string, latentIndex: number) => Promise<Outcome<AnswerOf<K>>>,
  ): Promise<void> {
    const saeId = get().saes.selectedId;
    const { latentIndex } = get().explore;
    if (saeId === null || latentIndex === null) return;
    const { of } = get().inquiry;
    const isSame = of?.saeId === saeId && of.latentIndex === latentIndex;
    const asking: Partial<InquirySlice> = { [key]: { status: 'asking' } };
    patch('inquiry', { ...(isSame ? {} : NO_INQUIRY), of: { saeId, latentIndex }, ...asking });
    const outcome = await settle(question(saeId, latentIndex));
    const now = get().inquiry.of;
    if (now?.saeId !== saeId || now.latentIndex !== latentIndex) return;
    patch('inquiry', { [key]: answer(outcome) });
  }

  async function setNote(note: LatentNote): Promise<void> {
    const { saeId, byLatent } = get().notes;
    if (saeId === null) return;
    // Shown at once; what the engine kept of it follows.
    patch('notes', { byLatent: { ...byLatent, [note.latentIndex]: note }, problem: null });
    const outcome = await settle(api.statistics.setNote(saeId, note));
    if (outcome.ok || get().notes.saeId !== saeId) return;
    patch('notes', { problem: outcome.problem });
  }

  return {
    setDashboardView: (change: Partial<DashboardView>) =>
      patch('explore', { dashboardView: { ...get().explore.dashboardView, ...change } }),
    askNearestMisses: () =>
      ask('misses', (...latent) =>
        jobs.run('statistics', (jobId) => api.explore.nearestMisses(...latent, jobId)),
      ),
    askExactPartners: () =>
      ask('partners', (...latent) =>
        jobs.run('statistics', (jobId) =>
          api.explore.exactPartners(...latent, EXACT_TOKENS, jobId),
        ),
      ),
    askLogitHistogram: () => ask('logits', (...latent) => api.sae.logitHistogram(...latent)),
    /** The closest features of another SAE. */
    askNeighboursIn: (otherId: string) =>
      ask('beside', async (saeId, latentIndex) => {
        const outcome = await api.explore.neighboursIn({ saeId, latentIndex, otherId });
        return outcome.ok ? { ok: true, value: { otherId, neighbours: outcome.value } } : outcome;
      }),
    setNote,
    exportDashboards: (saeId: string, latentIndices: number[]) =>
      settle(api.statistics.exportDashboards(saeId, latentIndices)),
    /** One after the other; the first problem ends it. */
    readDashboards: async (
      saeId: string,
      latentIndices: readonly number[],
    ): Promise<Outcome<LatentDashboard[]>> => {
      const dashboards: LatentDashboard[] = [];
      for (const latentIndex of latentIndices) {
        const outcome = await settle(api.statistics.dashboard(saeId, latentIndex));
        if (!outcome.ok) return outcome;
        dashboards.push(outcome.value);
      }
      return { ok: true, value: dashboards };
    },
    toggleStar: (latentIndex: number) => {
      const note = get().notes.byLatent[latentIndex] ?? emptyNote(latentIndex);
      return setNote({ ...note, isStarred: !note.isStarred });
    },
  };
}

type AnswerOf<K extends Exclude<keyof InquirySlice, 'of'>> = Extract<
  InquirySlice[K],
  { status: 'answered' }
>['value'];

function answer<T>(outcome: Outcome<T>): Asked<T> {
  if (outcome.ok) return { status: 'answered', value: outcome.value };
  if (outcome.problem.kind === 'cancelled') return { status: 'unasked' };
  return { status: 'failed', problem: outcome.problem };
}

/** Notes of an SAE that was just chosen. */
export async function loadNotes(context: StoreContext, saeId: string): Promise<void> {
  const { api, get, patch } = context;
  patch('notes', { ...NO_NOTES, saeId });
  const outcome = await settle(api.statistics.notes(saeId));
  if (get().notes.saeId !== saeId) return;
  if (!outcome.ok) {
    patch('notes', { problem: outcome.problem });
    return;
  }
  const loaded = outcome.value.map((note) => [note.latentIndex, note] as const);
  // One written meanwhile is newer than what was kept.
  patch('notes', { byLatent: { ...Object.fromEntries(loaded), ...get().notes.byLatent } });
}
