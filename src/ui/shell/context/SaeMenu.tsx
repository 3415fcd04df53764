// The SAE that the page looks through, and the others, by their place in the model.
import { saeName } from '../../../core/sae/saeName';
import type { SaeFacts } from '../../../engine/sae/api';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { hookName } from '../../parts/text/hookText';
import { count } from '../../parts/text/numberText';
import { MenuHead, MenuItem, PopoverMenu } from '../../parts/PopoverMenu';
import { useActions, useAppState } from '../../storeContext';
import styles from './ContextBar.module.css';

export function SaeMenu() {
  return (
    <PopoverMenu name="SAE" face={<Face />} className={styles.pick}>
      {() => <Saes />}
    </PopoverMenu>
  );
}

function Face() {
  const sae = useAppState(selectedSae);
  const isListed = useAppState((state) => state.sae.list !== null);
  if (sae === null) return <span className={styles.what}>{isListed ? 'no SAE' : 'SAE …'}</span>;
  return (
    <>
      <span className={styles.what}>{saeName(sae)}</span>{' '}
      <span className={styles.more}>{count(sae.d_sae)} features</span>
    </>
  );
}

function Saes() {
  const list = useAppState((state) => state.sae.list ?? NO_SAES);
  const selectedId = useAppState((state) => state.sae.selectedId);
  const modelId = useAppState((state) => state.model.open?.id ?? null);
  const actions = useActions();
  const groups = new Map<string, SaeFacts[]>();
  for (const sae of list) {
    const fits = modelId === null || sae.modelId === null || sae.modelId === modelId;
    const place = fits ? hookName(sae.hookPoint) : 'Of another model';
    groups.set(place, [...(groups.get(place) ?? []), sae]);
  }
  return (
    <>
      {[...groups].map(([place, saes]) => (
        <div key={place} role="group" aria-label={place}>
          <MenuHead>{place}</MenuHead>
          {saes.map((sae) => (
            <MenuItem
              key={sae.saeId}
              label={saeName(sae)}
              detail={`${count(sae.d_sae)} features`}
              isCurrent={sae.saeId === selectedId}
              onChoose={() => actions.explore.selectSae(sae.saeId)}
            />
          ))}
        </div>
      ))}
      <MenuHead>Another</MenuHead>
      <MenuItem label="Train one" onChoose={() => actions.shell.show('train')} />
      <MenuItem label="Import, rename, delete…" onChoose={() => actions.shell.show('library')} />
    </>
  );
}

const NO_SAES: readonly SaeFacts[] = [];
