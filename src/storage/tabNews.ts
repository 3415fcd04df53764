// What tabs of one browser tell each other: which facts were written or deleted. Two makers: the browser's
// BroadcastChannel, and memory for tests and programs. Knows keys, not what they mean.
import type { Storage } from './storage';

export type TabNews = {
  /** Tells the others, not this tab. */
  tell: (key: string) => void;
  /** Calls back with each key that another tab has told. */
  onNews: (listener: (key: string) => void) => void;
};

const CHANNEL = 'nanoscope/facts';

export function createBrowserNews(): TabNews {
  const channel = new BroadcastChannel(CHANNEL);
  return {
    tell: (key) => channel.postMessage(key),
    onNews: (listener) =>
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string') listener(data);
      }),
  };
}

/** Each call is another tab of one browser. */
export function createMemoryNews(): () => TabNews {
  const tabs: ((key: string) => void)[][] = [];
  return () => {
    const own: ((key: string) => void)[] = [];
    tabs.push(own);
    return {
      tell: (key) => {
        for (const listener of tabs.filter((tab) => tab !== own).flat()) listener(key);
      },
      onNews: (listener) => void own.push(listener),
    };
  };
}

/** The same storage, whose changes the other tabs hear of once they are made. */
export function tellingStorage(storage: Storage, news: TabNews): Storage {
  return {
    ...storage,
    async setFacts(key, facts) {
      await storage.setFacts(key, facts);
      news.tell(key);
    },
    async updateFacts(key, change) {
      await storage.updateFacts(key, change);
      news.tell(key);
    },
    async delete(key) {
      await storage.delete(key);
      news.tell(key);
    },
  };
}
