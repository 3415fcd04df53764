// Behind one button beside the search: order, ranges as numbers, more columns, and what is done with the whole list.
import { statisticsUnit } from '../../../store/sae/saeSelectors';
import { BRUSHED, RANGE_BOUNDS, type Brushed, type Sort } from '../../../core/share/tableShare';
import { BRUSH_NAMES, shownValue, storedValue } from '../../../store/explore/brushView';
import { hasBirths } from '../../../store/explore/exploreSelectors';
import { FIRST_SORT } from '../../../store/explore/exploreState';
import { useNumberDraft } from '../../parts/fields/NumberField';
import { MenuHead, PopoverMenu } from '../../parts/PopoverMenu';
import { Icon } from '../../parts/Icon';
import { useActions, useAppState } from '../../storeContext';
import { BirthSteps } from '../BirthSteps';
import { GuessTools } from '../GuessTools';
import { StatisticsAgain } from '../StatisticsPanel';
import { extraColumns } from '../table/tableColumns';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import inputStyles from '../../parts/look/inputs.module.css';
import { ShareButton } from '../../parts/buttons/ShareButton';
import { CsvButton } from './CsvButton';
import styles from './ArrangeMenu.module.css';

export function ArrangeMenu() {
  return (
    <PopoverMenu name="Sort and filter" face={<Icon name="filter" />} className={styles.button}>
      {() => (
        <>
          <MenuHead>Order</MenuHead>
          <SortField />
          <MenuHead>Only features with</MenuHead>
          <Ranges />
          <MenuHead>More columns of the table</MenuHead>
          <Columns />
          <MenuHead>All features</MenuHead>
          <div className={styles.tools}>
            <CsvButton />
            <ShareButton isOfList />
            <GuessTools />
            <BirthSteps />
            <StatisticsAgain />
          </div>
        </>
      )}
    </PopoverMenu>
  );
}

const ORDERS: readonly { sort: Sort; label: string }[] = [
  { sort: { column: 'label', descending: false }, label: 'Name, A to Z' },
  { sort: { column: 'index', descending: false }, label: 'Number' },
  { sort: { column: 'starred', descending: true }, label: 'Starred first' },
  { sort: { column: 'maxact', descending: true }, label: 'Strongest first' },
  { sort: { column: 'density', descending: true }, label: 'Most frequent first' },
  { sort: { column: 'density', descending: false }, label: 'Rarest first' },
  { sort: { column: 'kurt', descending: true }, label: 'Most peaked first' },
];

const keyOf = ({ column, descending }: Sort) => `${descending ? '-' : ''}${column}`;

function SortField() {
  const sort = useAppState((state) => state.explore.sort);
  const actions = useActions();
  const first = keyOf(FIRST_SORT);
  const known = [first, ...ORDERS.map((order) => keyOf(order.sort))];
  const now = keyOf(sort);
  return (
    <div className={classNames(inputStyles.select, styles.field)}>
      <select
        className={inputStyles.input}
        aria-label="Order"
        value={now}
        onChange={(event) => {
          const chosen = ORDERS.find((order) => keyOf(order.sort) === event.target.value);
          actions.explore.table.sortAs(chosen?.sort ?? null);
        }}
      >
        <option value={first}>Best understood first</option>
        {ORDERS.map((order) => (
          <option key={order.label} value={keyOf(order.sort)}>
            {order.label}
          </option>
        ))}
        {!known.includes(now) && <option value={now}>By a column of the table</option>}
      </select>
    </div>
  );
}

function Ranges() {
  const isBirthKnown = useAppState(hasBirths);
  return (
    <div className={styles.ranges}>
      {BRUSHED.filter((key) => key !== 'birth' || isBirthKnown).map((key) => (
        <RangeBoxes key={key} brushed={key} />
      ))}
    </div>
  );
}

/** In the table's units. */
function RangeBoxes({ brushed }: { brushed: Brushed }) {
  const range = useAppState(({ explore }) => explore.filter.ranges[brushed]);
  const actions = useActions();
  const from = range?.from ?? null;
  const to = range?.to ?? null;
  const name = BRUSH_NAMES[brushed];
  return (
    <>
      <span>
        {name}
        {brushed === 'density' && ', %'}
      </span>
      <RangeBox
        name={`${name} from`}
        brushed={brushed}
        value={from}
        onChange={(value) => actions.explore.table.brush(brushed, value, to)}
      />
      <RangeBox
        name={`${name} to`}
        brushed={brushed}
        value={to}
        onChange={(value) => actions.explore.table.brush(brushed, from, value)}
      />
    </>
  );
}

type RangeBoxProps = {
  name: string;
  brushed: Brushed;
  value: number | null;
  onChange: (value: number | null) => void;
};

function RangeBox({ name, brushed, value, onChange }: RangeBoxProps) {
  const [low, high] = RANGE_BOUNDS[brushed];
  const draft = useNumberDraft(value === null ? NaN : shownValue(brushed, value), (typed) =>
    onChange(Number.isNaN(typed) ? null : storedValue(brushed, typed)),
  );
  return (
    <input
      className={inputStyles.input}
      type="number"
      inputMode="decimal"
      aria-label={name}
      placeholder="any"
      step="any"
      min={shownValue(brushed, low)}
      max={shownValue(brushed, high)}
      value={draft.text}
      onChange={(event) => draft.type(event.target.value)}
    />
  );
}

function Columns() {
  const isBirthKnown = useAppState(hasBirths);
  const unit = useAppState(statisticsUnit);
  const shown = useAppState((state) => state.explore.columns);
  const actions = useActions();
  return (
    <div className={styles.columns}>
      {extraColumns(isBirthKnown, unit).map(({ id, title, help }) => (
        <label key={id} className={controlStyles.check} title={help}>
          <input
            type="checkbox"
            checked={shown.includes(id)}
            onChange={(event) => actions.explore.table.showColumn(id, event.target.checked)}
          />
          {title}
        </label>
      ))}
    </div>
  );
}
