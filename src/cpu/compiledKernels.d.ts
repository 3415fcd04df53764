// What wasm/compile.mjs answers to `import … from '….ts?compiled'`: base64.
declare module '*?compiled' {
  const builds: { plain: string; fused: string };
  export default builds;
}
