// What one reaches for now and then, one tool at a time: presets, the plan over tokens, dose and response, the
// features of the newest token, the features of any text, own vectors.
import type { SteerTool } from '../../core/share/formShare';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import { AutomationPanel } from './tools/AutomationPanel';
import { DosePanel } from './tools/DosePanel';
import { FeatureStreamPanel } from './tools/FeatureStreamPanel';
import { PresetsPanel } from './tools/PresetsPanel';
import { ReadingPanel } from './tools/ReadingPanel';
import { VectorsPanel } from './tools/VectorsPanel';
import styles from './ToolDrawer.module.css';

const TOOLS: readonly { tool: SteerTool; label: string; Panel: () => React.ReactNode }[] = [
  { tool: 'presets', label: 'Presets', Panel: PresetsPanel },
  { tool: 'stream', label: 'Active features', Panel: FeatureStreamPanel },
  { tool: 'dose', label: 'How strong?', Panel: DosePanel },
  { tool: 'curves', label: 'Change over tokens', Panel: AutomationPanel },
  { tool: 'reading', label: 'Read a text', Panel: ReadingPanel },
  { tool: 'vectors', label: 'Own vectors', Panel: VectorsPanel },
];

export function ToolDrawer() {
  const open = useAppState(({ steer }) => steer.tool);
  const actions = useActions();
  const shown = TOOLS.find(({ tool }) => tool === open);
  return (
    <section className={styles.drawer} aria-label="Tools">
      <div className={styles.tabs} role="group" aria-label="Tools">
        {TOOLS.map(({ tool, label }) => (
          <button
            key={tool}
            type="button"
            className={classNames(controlStyles.button, controlStyles.toggle)}
            aria-expanded={tool === open}
            aria-controls="steer-tool"
            onClick={() => actions.steer.openTool(tool === open ? null : tool)}
          >
            {label}
          </button>
        ))}
      </div>
      <div id="steer-tool">{shown !== undefined && <shown.Panel />}</div>
    </section>
  );
}
