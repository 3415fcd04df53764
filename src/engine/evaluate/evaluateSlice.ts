// The commands on evaluations.
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { EvaluateApi } from './api';
import { createEvaluationHost } from './evaluationHost';
import { createSaeFitHost } from './saeFitHost';

export function makeEvaluateSlice(hosts: EngineHosts): EvaluateApi {
  const evaluation = createEvaluationHost(hosts);
  const fit = createSaeFitHost(hosts);
  return {
    ...outcomes({ run: evaluation.evaluate, measureFit: fit.measure }),
    list: evaluation.list,
  };
}
