// The closest features of a second SAE: chosen once, it stays chosen while the features are walked.
import { useEffect, useState } from 'react';
import { selectedSae } from '../../../store/selectors';
import { ProblemNote } from '../../parts/Messages';
import { saeOption } from '../../parts/saeOption';
import { SelectField } from '../../parts/fields/SelectField';
import { useActions, useFacts } from '../../storeContext';
import { NeighbourList } from '../dashboard/NeighbourList';
import { useAnswer } from '../dashboard/useAnswer';

const NOBODY = '';

export function SecondNeighbours({ latentIndex }: { latentIndex: number }) {
  const sae = useFacts(selectedSae);
  const list = useFacts((facts) => facts.saes.list);
  const answer = useAnswer('beside', latentIndex);
  const { askNeighboursIn, openLatentOf } = useActions();
  const [chosen, setChosen] = useState(NOBODY);
  const others = (list ?? []).filter((one) => one.saeId !== sae?.saeId && one.d_in === sae?.d_in);
  const otherId = others.some(({ saeId }) => saeId === chosen) ? chosen : NOBODY;
  useEffect(() => {
    if (otherId !== NOBODY) void askNeighboursIn(otherId);
  }, [otherId, latentIndex, askNeighboursIn]);
  if (others.length === 0) return null;
  const isOfThis = answer.status === 'answered' && answer.value.otherId === otherId;
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
          neighbours={answer.value.neighbours}
          onOpen={(other) => openLatentOf(otherId, other)}
        />
      )}
      {answer.status === 'failed' && <ProblemNote problem={answer.problem} />}
    </>
  );
}
