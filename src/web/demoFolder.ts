/** Where the demo lies: beside the folder of the built library, and under the dev server's root. */
export const DEMO_FOLDER: string = import.meta.env.PROD
  ? new URL(/* @vite-ignore */ '../demo/', import.meta.url).href
  : new URL(/* @vite-ignore */ '/demo/', import.meta.url).href;
