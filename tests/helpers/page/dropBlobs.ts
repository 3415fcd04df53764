// Files that a test makes itself, dropped on the window.
import type { Page } from '@playwright/test';

/** On the window, as from a file manager. */
export async function dropBlobs(
  page: Page,
  files: readonly { path: string; blob: Blob }[],
): Promise<void> {
  const sent = await Promise.all(
    files.map(async ({ path, blob }) => ({
      name: path.split('/').at(-1) ?? path,
      bytes: Buffer.from(await blob.arrayBuffer()).toString('base64'),
    })),
  );
  const dataTransfer = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of list) {
      const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
      transfer.items.add(new File([content], name));
    }
    return transfer;
  }, sent);
  // A page that has only just come takes no drop yet: it says that it does while files are held over it.
  await page.waitForFunction(
    (transfer) => {
      const over = new DragEvent('dragover', {
        dataTransfer: transfer,
        bubbles: true,
        cancelable: true,
      });
      return !document.body.dispatchEvent(over);
    },
    dataTransfer,
    { timeout: 0 },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer });
}
