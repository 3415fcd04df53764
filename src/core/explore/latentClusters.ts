// How many clusters the directions of an SAE are put into, and what a link may ask for.

/** As many as there are colours that anybody can tell apart (charts/latentMap). */
export const MAX_CLUSTERS = 10;

/** The usual rule of thumb, sqrt(n / 2), up to MAX_CLUSTERS. */
export function clusterCount(d_sae: number): number {
  return Math.min(MAX_CLUSTERS, Math.ceil(Math.sqrt(d_sae / 2)));
}
