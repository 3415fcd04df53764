// Intents around an open dashboard: how its examples are shown, questions that need the model.
import type { DashboardView } from '../../core/share/shareState';
import type { Outcome } from '../../engine/shared/api';
import type { StoreContext } from '../context';
import { loadableOf } from '../loadable';
import { settle } from '../problems';
import { NO_INQUIRY, type InquiryState } from './inquiryState';

/** Most tokens for an exact count of co-activation. */
const EXACT_TOKENS = 2_097_152;

/** Name of the setting that keeps whether the evidence is unfolded. */
const EVIDENCE = 'evidence';

export function makeInquiryActions(context: StoreContext) {
  const { api, env, get, patch, jobs } = context;

  /** Asks about the open latent; an answer is dropped if another latent was opened meanwhile. */
  async function ask<K extends Exclude<keyof InquiryState, 'of'>>(
    key: K,
    question: (saeId: string, latentIndex: number) => Promise<Outcome<AnswerOf<K>>>,
  ): Promise<void> {
    const saeId = get().sae.selectedId;
    const { latentIndex } = get().explore;
    if (saeId === null || latentIndex === null) return;
    const { of } = get().explore.inquiry;
    const isSame = of?.saeId === saeId && of.latentIndex === latentIndex;
    const asking: Partial<InquiryState> = { [key]: { status: 'loading' } };
    patch('explore', 'inquiry', {
      ...(isSame ? {} : NO_INQUIRY),
      of: { saeId, latentIndex },
      ...asking,
    });
    const outcome = await settle(question(saeId, latentIndex));
    const now = get().explore.inquiry.of;
    if (now?.saeId !== saeId || now.latentIndex !== latentIndex) return;
    patch('explore', 'inquiry', { [key]: loadableOf(outcome) });
  }

  return {
    foldEvidence: (isEvidenceOpen: boolean) => {
      env.writeSetting(EVIDENCE, isEvidenceOpen ? 'open' : 'closed');
      patch('explore', { isEvidenceOpen });
    },
    /** As it was left on the last visit. */
    recallEvidence: () =>
      patch('explore', { isEvidenceOpen: env.readSetting(EVIDENCE) === 'open' }),
    setView: (change: Partial<DashboardView>) =>
      patch('explore', { dashboardView: { ...get().explore.dashboardView, ...change } }),
    askMisses: () =>
      ask('misses', (...latent) =>
        jobs.run('statistics', (jobId) => api.explore.nearestMisses(...latent, jobId)),
      ),
    askPartners: () =>
      ask('partners', (...latent) =>
        jobs.run('statistics', (jobId) =>
          api.explore.exactPartners(...latent, EXACT_TOKENS, jobId),
        ),
      ),
    askLogits: () => ask('logits', (...latent) => api.sae.logitHistogram(...latent)),
    /** The closest features of another SAE. */
    askNeighboursIn: (otherId: string) =>
      ask('beside', async (saeId, latentIndex) => {
        const outcome = await api.explore.neighboursIn({ saeId, latentIndex, otherId });
        return outcome.ok ? { ok: true, value: { otherId, neighbours: outcome.value } } : outcome;
      }),
  };
}

type AnswerOf<K extends Exclude<keyof InquiryState, 'of'>> = Extract<
  InquiryState[K],
  { status: 'ready' }
>['value'];
