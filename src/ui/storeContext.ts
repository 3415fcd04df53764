// How components reach the store: one selector, one thing.
import { createContext, use } from 'react';
import { useStore } from 'zustand';
import type { AppActions } from '../store/actions';
import type { AppStore } from '../store/appStore';
import type { AppState } from '../store/state';

export const StoreContext = createContext<AppStore | null>(null);

function useAppStore(): AppStore {
  const store = use(StoreContext);
  if (store === null) throw new Error('invariant: no StoreContext above this component');
  return store;
}

export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useAppStore(), select);
}

export function useActions(): AppActions {
  return useAppStore().actions;
}

/** The state as it is now, for event handlers; never re-renders. */
export function useReadState(): () => AppState {
  return useAppStore().getState;
}
