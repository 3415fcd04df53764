// The commands on the open text.
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import type { TextApi } from './api';

export function makeTextSlice({ corpusHost }: Pick<EngineHosts, 'corpusHost'>): TextApi {
  return outcomes({
    open: corpusHost.open,
    export: () => corpusHost.current().toJsonl(),
  });
}
