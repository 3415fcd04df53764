// How components reach the store: one selector, one thing.
import { createContext, use } from 'react';
import { useStore } from 'zustand';
import type { AppActions, AppStore } from '../store/appStore';
import type { AppFacts } from '../store/facts';

export const StoreContext = createContext<AppStore | null>(null);

function useAppStore(): AppStore {
  const store = use(StoreContext);
  if (store === null) throw new Error('invariant: no StoreContext above this component');
  return store;
}

export function useFacts<T>(select: (facts: AppFacts) => T): T {
  return useStore(useAppStore().facts, select);
}

export function useActions(): AppActions {
  return useAppStore().actions;
}

/** The facts as they are now, for event handlers; never re-renders. */
export function useReadFacts(): () => AppFacts {
  return useAppStore().facts.getState;
}
