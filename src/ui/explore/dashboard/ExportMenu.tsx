// Exports a feature, or the first features of the table: JSON, HTML, PNG.
import { exampleRows } from '../../../core/activations/exampleRows';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { selectedSae, statisticsUnit } from '../../../store/sae/saeSelectors';
import { counted } from '../../../core/text/counted';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import type { NameFacts } from '../../../core/statistics/featureName';
import type { Problem } from '../../../engine/shared/api';
import { featureNameIn } from '../../../store/featureNames';
import { visibleRows } from '../../../store/explore/latentOrder';
import { bugProblem } from '../../../store/problems';
import { saveBlob } from '../../files';
import { count } from '../../parts/text/numberText';
import { Icon } from '../../parts/Icon';
import { ProblemNote } from '../../parts/Messages';
import { useActions, useReadState } from '../../storeContext';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './ExportMenu.module.css';

/** Most features in one exported page. */
const PAGE_FEATURES = 50;

type Kind = 'json' | 'html' | 'png' | 'page';
const CHOICES: readonly { kind: Kind; label: string }[] = [
  { kind: 'json', label: 'JSON, as SAEDashboard writes it' },
  { kind: 'html', label: 'HTML page that opens offline' },
  { kind: 'png', label: 'Picture (PNG)' },
  { kind: 'page', label: `HTML page of the list’s first ${PAGE_FEATURES}` },
];

export function ExportMenu({ latentIndex }: { latentIndex: number }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = useSave(latentIndex);
  async function choose(kind: Kind) {
    setBusy(true);
    setProblem(null);
    try {
      setProblem(await save(kind));
    } catch (cause) {
      setProblem(bugProblem(cause));
    }
    setBusy(false);
  }
  return (
    <>
      {/* Modal, it would put a style element into the page, which its policy forbids. */}
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className={classNames(controlStyles.button, controlStyles.icon)}
          data-shortcut="export"
          disabled={busy}
          title="Export (e)"
        >
          <Icon name="download" />
          <span className={wordStyles.visuallyHidden}>{busy ? 'Making it…' : 'Export'}</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className={styles.menu} align="end" sideOffset={4}>
            {CHOICES.map(({ kind, label }) => (
              <DropdownMenu.Item
                key={kind}
                className={styles.item}
                onSelect={() => void choose(kind)}
              >
                {label}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <ProblemNote problem={problem} />
    </>
  );
}

/** Makes the file and saves it; returns the problem, if any. The exporters are loaded on demand. */
function useSave(latentIndex: number) {
  const readState = useReadState();
  const actions = useActions();
  const readRows = async (dashboards: readonly LatentDashboard[]) => {
    const { embeddedRows } = await import('../export/embeddedRows');
    return embeddedRows(await actions.model.rows(exampleRows(dashboards)));
  };
  return async (kind: Kind): Promise<Problem | null> => {
    const state = readState();
    const sae = selectedSae(state);
    if (sae === null) return null;
    const name = `${sae.name}-${latentIndex}`;
    if (kind === 'json') {
      const json = await actions.statistics.exportDashboards(sae.saeId, [latentIndex]);
      if (!json.ok) return json.problem;
      saveBlob(json.value, `${name}.json`);
      return null;
    }
    const indices =
      kind === 'page'
        ? visibleRows(state)
            .slice(0, PAGE_FEATURES)
            .map((row) => row.latentIndex)
        : [latentIndex];
    const read = await actions.statistics.readDashboards(sae.saeId, indices);
    if (!read.ok) return read.problem;
    const nameOf = (index: number, firesOn: NameFacts['firesOn']) =>
      featureNameIn(state, sae.saeId, index, firesOn).text;
    const unit = statisticsUnit(state);
    const rowOf = unit === 'row' ? await readRows(read.value) : null;
    const features = read.value.map((dashboard) => ({
      dashboard,
      nameOf,
      ...(rowOf !== null && { rowOf }),
      note: state.statistics.notes.byLatent[dashboard.row.latentIndex],
    }));
    const corpus = sae.statisticsCorpus?.isDemo === false ? sae.statisticsCorpus.name : null;
    const page = {
      title:
        kind === 'page'
          ? `${features.length} features of ${sae.name}`
          : `${nameOf(latentIndex, null)} · feature ${latentIndex} of ${sae.name}`,
      origin: [
        `SAE ${sae.saeId}, ${sae.hookPoint}, ${count(sae.d_sae)} features`,
        `Statistics over ${counted(sae.statisticsTokens, unit)} of ${corpus ?? 'the bundled corpus, which the demo model wrote itself: its statements are not facts'}.`,
        'Made with nanoscope.',
      ],
    };
    const [first] = features;
    if (kind === 'png' && first !== undefined) {
      const { makeDashboardPicture } = await import('../export/dashboardPicture');
      saveBlob(await makeDashboardPicture(first, page), `${name}.png`);
    } else {
      const { makeDashboardPage } = await import('../export/dashboardPage');
      const html = await makeDashboardPage(features, page);
      const fileName = kind === 'page' ? `${sae.name}-features.html` : `${name}.html`;
      saveBlob(new Blob([html], { type: 'text/html' }), fileName);
    }
    return null;
  };
}
