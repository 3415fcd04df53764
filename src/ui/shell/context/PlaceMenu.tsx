// Where in the model one looks: places with an SAE open it, the others lead to training one there.
import type { ReactNode } from 'react';
import { counted } from '../../../core/text/counted';
import { parseHookPoint, type HookPoint } from '../../../core/activations/hookPoint';
import { openRows } from '../../../store/model/openRows';
import { saesOfModel, selectedSae } from '../../../store/sae/saeSelectors';
import { hookText } from '../../parts/text/hookText';
import { MenuHead, MenuItem, PopoverMenu } from '../../parts/PopoverMenu';
import { useActions, useAppState } from '../../storeContext';
import styles from './ContextBar.module.css';
import { classNames } from '../../parts/look/classNames';

/** after: what stands between it and the next menu; without an SAE, and over rows of a file, there is no place. */
export function PlaceMenu({ after }: { after: ReactNode }) {
  const place = useAppState((state) =>
    openRows(state) === null ? (selectedSae(state)?.hookPoint ?? null) : null,
  );
  if (place === null) return null;
  return (
    <>
      <PopoverMenu
        name="Place in the model"
        face={<span className={styles.what}>{hookText(place)}</span>}
        className={classNames(styles.pick, styles.place)}
      >
        {() => <Places place={place} />}
      </PopoverMenu>
      {after}
    </>
  );
}

function Places({ place }: { place: HookPoint }) {
  const hooks = useAppState((state) => state.model.open?.hookPoints ?? NO_HOOKS);
  const actions = useActions();
  const layers = [...new Set(hooks.map((hook) => parseHookPoint(hook).layer))];
  const choose = (hook: HookPoint, saeId: string | null) => {
    if (saeId === null) actions.train.form.trainOn(hook);
    else if (hook !== place) actions.explore.selectSae(saeId);
  };
  if (hooks.length === 0) return <MenuHead>They appear once the model is open.</MenuHead>;
  return layers.map((layer) => (
    <div key={layer} role="group" aria-label={`Block ${layer}`}>
      <MenuHead>Block {layer}</MenuHead>
      {hooks
        .filter((hook) => parseHookPoint(hook).layer === layer)
        .map((hook) => (
          <Place key={hook} hook={hook} isCurrent={hook === place} onChoose={choose} />
        ))}
    </div>
  ));
}

const NO_HOOKS: readonly HookPoint[] = [];

type PlaceProps = {
  hook: HookPoint;
  isCurrent: boolean;
  onChoose: (hook: HookPoint, saeId: string | null) => void;
};

function Place({ hook, isCurrent, onChoose }: PlaceProps) {
  const here = useAppState(
    (state) => saesOfModel(state).filter((sae) => sae.hookPoint === hook).length,
  );
  const firstId = useAppState(
    (state) => saesOfModel(state).find((sae) => sae.hookPoint === hook)?.saeId ?? null,
  );
  return (
    <MenuItem
      label={hookText(hook)}
      detail={here === 0 ? 'train one here' : counted(here, 'SAE')}
      isCurrent={isCurrent}
      onChoose={() => onChoose(hook, firstId)}
    />
  );
}
