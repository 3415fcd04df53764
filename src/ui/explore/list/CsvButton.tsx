// Saves what the list shows now, in its order, as CSV.
import { visibleRows } from '../../../store/explore/latentOrder';
import { tableCsv } from '../../../store/explore/tableCsv';
import { textValues } from '../../../store/explore/textValues';
import { selectedSae } from '../../../store/sae/saeSelectors';
import { rowNotes } from '../../../store/statistics/rowNotes';
import { saveBlob } from '../../files';
import { Icon } from '../../parts/Icon';
import { useReadState } from '../../storeContext';
import controlStyles from '../../parts/look/controls.module.css';

export function CsvButton() {
  const readState = useReadState();
  function save() {
    const state = readState();
    const { explore, statistics } = state;
    const all = explore.rows.status === 'ready' ? explore.rows.value : [];
    const text = tableCsv(visibleRows(state), {
      notes: rowNotes(statistics.notes.byLatent),
      guesses: statistics.labels.guesses,
      found: explore.filter.inText ? textValues(explore.textSearch, all) : null,
    });
    const name = selectedSae(state)?.name ?? 'features';
    saveBlob(new Blob([text], { type: 'text/csv;charset=utf-8' }), `${name}-features.csv`);
  }
  return (
    <button
      type="button"
      className={controlStyles.button}
      title="The features listed now, in their order, with every column"
      onClick={save}
    >
      <Icon name="download" />
      CSV
    </button>
  );
}
