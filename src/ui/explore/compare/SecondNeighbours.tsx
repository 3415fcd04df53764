// The closest features of a second SAE, which stays chosen while the user walks through features.
import { useEffect, useState } from 'react';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { ProblemNote } from '../../parts/Messages';
import { saeOption } from '../../parts/saeOption';
import { SelectField } from '../../parts/fields/SelectField';
import { useActions, useAppState } from '../../storeContext';
import { NeighbourList } from '../dashboard/relations/NeighbourList';
import { useAnswer } from '../dashboard/useAnswer';

const NOBODY = '';

export function SecondNeighbours({ latentIndex }: { latentIndex: number }) {
  const sae = useAppState(selectedSae);
  const list = useAppState((state) => state.sae.list);
  const answer = useAnswer('beside', latentIndex);
  const actions = useActions();
  const [chosen, setChosen] = useState(NOBODY);
  const others = (list ?? []).filter((one) => one.saeId !== sae?.saeId && one.d_in === sae?.d_in);
  const otherId = others.some(({ saeId }) => saeId === chosen) ? chosen : NOBODY;
  useEffect(() => {
    if (otherId !== NOBODY) void actions.explore.inquiry.askNeighboursIn(otherId);
  }, [otherId, latentIndex, actions]);
  if (others.length === 0) return null;
  const isOfThis = answer.status === 'ready' && answer.value.otherId === otherId;
  return (
    <>
      <SelectField
        id="second-neighbours"
        label="Neighbours in a second SAE"
        value={otherId}
        options={[{ value: NOBODY, label: 'None chosen' }, ...others.map(saeOption)]}
        onChange={setChosen}
      />
      {isOfThis && (
        <NeighbourList
          label="Neighbours in the second SAE"
          saeId={otherId}
          neighbours={answer.value.neighbours}
          onOpen={(other) => actions.explore.selectLatentOf(otherId, other)}
        />
      )}
      {answer.status === 'failed' && <ProblemNote problem={answer.problem} />}
    </>
  );
}
