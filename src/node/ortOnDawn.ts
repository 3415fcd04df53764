// What onnxruntime-web's WebGPU build, made for browsers, needs to run in Node.
let isWriteBufferPatched = false;

/** For sessions on Dawn: ONNX Runtime looks at `navigator.gpu`, and uploads views of the wasm heap, a
 *  SharedArrayBuffer that Dawn's Node binding refuses: such views are copied first. */
export function prepareOrtOnDawn(gpu: GPU): void {
  if (typeof navigator === 'undefined') {
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  } else {
    Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  }
  if (isWriteBufferPatched) return;
  isWriteBufferPatched = true;
  const queue = GPUQueue.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with `this` below
  const original = queue.writeBuffer;
  queue.writeBuffer = function writeBuffer(buffer, bufferOffset, data, dataOffset, size) {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const unit = 'BYTES_PER_ELEMENT' in view ? (view.BYTES_PER_ELEMENT as number) : 1;
    const start = view.byteOffset + (dataOffset ?? 0) * unit;
    const length = size === undefined ? view.byteLength - (dataOffset ?? 0) * unit : size * unit;
    const copy = new Uint8Array(length);
    copy.set(new Uint8Array(view.buffer, start, length));
    original.call(this, buffer, bufferOffset, copy);
  };
}
