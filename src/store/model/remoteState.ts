// An address to fetch a model from: what it lists, what of it is chosen and being fetched.
import type { DownloadFacts, RemoteFacts } from '../../engine/model/api';
import type { Loadable } from '../loadable';
import type { ChoiceRef } from './modelChoice';

export type RemoteState = {
  /** as typed */
  address: string;
  listing: Loadable<RemoteFacts>;
  chosen: ChoiceRef | null;
  /** address of the download under way */
  downloading: string | null;
  /** kept in this browser, whole or not */
  downloads: DownloadFacts[];
};

export const FIRST_REMOTE: RemoteState = {
  address: '',
  listing: { status: 'empty' },
  chosen: null,
  downloading: null,
  downloads: [],
};
