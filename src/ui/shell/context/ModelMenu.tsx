// The open model, and those that are one click away.
import { counted } from '../../../core/text/counted';
import { openRows } from '../../../store/model/openRows';
import { bytes } from '../../parts/text/numberText';
import { MenuHead, MenuItem, PopoverMenu } from '../../parts/PopoverMenu';
import { useActions, useAppState } from '../../storeContext';
import styles from './ContextBar.module.css';

export function ModelMenu() {
  return (
    <PopoverMenu name="Model" face={<Face />} className={styles.pick}>
      {() => <Models />}
    </PopoverMenu>
  );
}

function Face() {
  const name = useAppState((state) => state.model.open?.name ?? null);
  const layers = useAppState((state) => state.model.open?.n_layer ?? 0);
  const rows = useAppState((state) => openRows(state)?.count ?? null);
  const opening = useAppState((state) => state.model.opening);
  if (name === null) {
    return <span className={styles.what}>{opening ? 'opening…' : 'no model'}</span>;
  }
  return (
    <>
      <span className={styles.what}>{name}</span>{' '}
      <span className={styles.more}>
        {rows === null ? counted(layers, 'layer') : counted(rows, 'row')}
      </span>
    </>
  );
}

function Models() {
  const open = useAppState((state) => state.model.open);
  const kept = useAppState((state) => state.model.kept);
  const actions = useActions();
  const hasDemo = open?.isDemo === true || kept.some((model) => model.isDemo);
  const isOpenKept = kept.some((model) => model.id === open?.id);
  return (
    <>
      {open !== null && !isOpenKept && (
        <MenuItem label={open.name} detail={bytes(open.byteLength)} isCurrent onChoose={stay} />
      )}
      {kept.map((model) => (
        <MenuItem
          key={model.id}
          label={model.name}
          detail={bytes(model.byteLength)}
          isCurrent={model.id === open?.id}
          onChoose={() => {
            if (model.id !== open?.id) void actions.model.openKept(model.id);
          }}
        />
      ))}
      {!hasDemo && <MenuItem label="demo" onChoose={() => void actions.model.openDemo()} />}
      <MenuHead>Your own nanochat: drop its folder anywhere, or</MenuHead>
      <MenuItem label="Choose its files…" onChoose={() => actions.shell.show('library')} />
    </>
  );
}

/** It is open already. */
const stay = () => undefined;
