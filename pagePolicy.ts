// What the page may load, run and talk to, and the headers that say so: in the built page as a meta element, which any
// static host serves, and as headers where we serve it ourselves.
import type { Plugin } from 'vite';

/** Nothing but the page's own files runs; addresses that a person types are fetched over https or from this machine. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self' blob:",
  'connect-src': "'self' https: http://127.0.0.1:* http://localhost:* blob: data:",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob: data:",
  'style-src': "'self'",
  'font-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

const format = (policy: Readonly<Record<string, string>>) =>
  Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');

export const POLICY_TEXT = format(POLICY);

/** Cross-origin isolation gives the wasm path its threads; the WebGPU path needs neither header. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What `npm start` answers with. A meta element cannot say who may frame the page: other sites must not lay a page
 *  of this machine under their own. */
export const SERVED_HEADERS = {
  ...ISOLATION,
  'Content-Security-Policy': format({ ...POLICY, 'frame-ancestors': "'self'" }),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** The policy in the built index.html; while developing, Vite puts styles and scripts into the page itself. */
export function pagePolicy(): Plugin {
  return {
    name: 'page-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY_TEXT },
        injectTo: 'head-prepend',
      },
      { tag: 'meta', attrs: { name: 'referrer', content: 'no-referrer' }, injectTo: 'head' },
    ],
  };
}
