// All that the page can want, grouped by capability as the state is. Where one capability needs another, it is handed
// in here.
import { makeActivationsActions } from './activations/activationsActions';
import { makeCircuitsActions } from './circuits/circuitsActions';
import type { StoreContext } from './context';
import { makeEvaluateActions } from './evaluate/evaluateActions';
import { makeExploreActions } from './explore/exploreActions';
import { makeGenerateActions } from './generate/generateActions';
import { makeModelActions } from './model/modelActions';
import { makeRecordActions } from './recordActions';
import { makeSaeActions } from './sae/saeActions';
import { makeShareActions } from './share/shareActions';
import { makeShellActions } from './shell/shellActions';
import { makeStartActions } from './start/startActions';
import { makeStatisticsActions } from './statistics/statisticsActions';
import { makeSteerActions } from './steer/steerActions';
import { makeTextActions } from './text/textActions';
import { makeTourActions } from './tour/tourActions';
import { makeTrainActions } from './train/trainActions';

export type AppActions = ReturnType<typeof makeActions>;

export function makeActions(context: StoreContext) {
  const model = makeModelActions(context);
  const share = makeShareActions(context, {
    openModel: model.reopen,
    importFound: (found) => sae.importFound(found),
  });
  const statistics = makeStatisticsActions(context);
  const explore = makeExploreActions(context, statistics);
  const train = makeTrainActions(context);
  const sae = makeSaeActions(context, explore.selectSae);
  return {
    tour: makeTourActions(context),
    start: makeStartActions(context, train),
    shell: makeShellActions(context),
    text: makeTextActions(context),
    records: makeRecordActions(context),
    model,
    activations: makeActivationsActions(context),
    sae,
    generate: makeGenerateActions(context),
    evaluate: makeEvaluateActions(context),
    train,
    steer: makeSteerActions(context, share.open),
    statistics,
    explore,
    circuits: makeCircuitsActions(context, { train, statistics, explore }),
    share,
  };
}
