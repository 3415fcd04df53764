// A whole ~/.cache/nanochat in one drop.
import { expect, it } from 'vitest';
import { filesOfDrop } from '../../../src/ui/files';

type Tree = { [name: string]: Tree | string };

/** As a browser hands folders over: entries in portions, no content read. */
function entryOf(path: string, node: Tree | string): FileSystemEntry {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (typeof node === 'string') {
    const file = (resolve: (file: File) => void) => resolve(new File([node], name));
    return { isFile: true, name, fullPath: path, file } as unknown as FileSystemEntry;
  }
  const children = Object.entries(node).map(([child, inner]) => entryOf(`${path}/${child}`, inner));
  const createReader = () => ({
    readEntries: (resolve: (entries: FileSystemEntry[]) => void) =>
      resolve(children.splice(0, 100)),
  });
  return { isFile: false, name, fullPath: path, createReader } as unknown as FileSystemEntry;
}

it('finds model and tokenizer however many shards of text lie beside them', async () => {
  const shards = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [`shard_${i}.parquet`, '']),
  );
  const home: Tree = {
    base_data: shards,
    base_data_climbmix: shards,
    base_checkpoints: { d12: { 'model_000900.pt': '', 'optim_000900_rank0.pt': '' } },
    tokenizer: { 'tokenizer.pkl': '' },
  };
  const items = [{ webkitGetAsEntry: () => entryOf('/nanochat', home) }];
  const files = await filesOfDrop({ items, files: [] } as unknown as DataTransfer);
  const paths = files.map(({ path }) => path);
  expect(paths).toContain('nanochat/base_checkpoints/d12/model_000900.pt');
  expect(paths).toContain('nanochat/tokenizer/tokenizer.pkl');
  expect(paths).toHaveLength(2000);
});
