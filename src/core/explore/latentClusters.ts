// How many clusters the directions of an SAE are sorted into, and the most that a link may request.

/** As many as there are colours that everyone can distinguish (charts/latentMap). */
export const MAX_CLUSTERS = 10;

/** The usual rule of thumb, sqrt(n / 2), up to MAX_CLUSTERS. */
export function clusterCount(d_sae: number): number {
  return Math.min(MAX_CLUSTERS, Math.ceil(Math.sqrt(d_sae / 2)));
}
