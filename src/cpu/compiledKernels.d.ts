// What wasm/compile.mjs answers to `import … from '….ts?compiled'`: base64.
declare module '*?compiled' {
  const builds: Record<'plain' | 'fused' | 'plainShared' | 'fusedShared', string>;
  export default builds;
}
