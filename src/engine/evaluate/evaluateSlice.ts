// The commands on evaluations.
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { EvaluateApi } from './api';
import { createEvaluationHost } from './evaluationHost';

export function makeEvaluateSlice(hosts: EngineHosts): EvaluateApi {
  const evaluation = createEvaluationHost(hosts);
  return { ...outcomes({ run: evaluation.evaluate }), list: evaluation.list };
}
