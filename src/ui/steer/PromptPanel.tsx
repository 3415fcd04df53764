// The input: a prompt to continue, or the next turn of a conversation; and the sampling settings.
import { counted } from '../../core/text/counted';
import { steeringBlock } from '../../store/steer/steerSelectors';
import { steerMode } from '../../store/steer/steerRequest';
import type { GenerationMode } from '../../store/generate/generationRun';
import { ctrlEnterSends } from '../model/enterSends';
import { SamplingFields } from '../parts/fields/SamplingFields';
import { Segmented } from '../parts/fields/Segmented';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { useActions, useAppState } from '../storeContext';
import { SteerConversation } from './lanes/SteerConversation';
import dataStyles from '../parts/look/data.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import { classNames } from '../parts/look/classNames';
import styles from './PromptPanel.module.css';

const MODES: readonly { value: GenerationMode; label: string }[] = [
  { value: 'completion', label: 'Continue a text' },
  { value: 'chat', label: 'Chat' },
];

export function PromptPanel() {
  const form = useAppState((state) => state.steer.form);
  const mode = useAppState(steerMode);
  const blocked = useAppState(steeringBlock);
  const actions = useActions();
  const isChat = mode === 'chat';
  return (
    <section
      className={classNames(layoutStyles.panel, styles.panel)}
      aria-label="Prompt and sampling"
    >
      <Segmented
        label="How text is made"
        value={mode}
        options={MODES}
        onChange={actions.steer.run.setMode}
      />
      {isChat && <SteerConversation />}
      <TextAreaField
        id="steer-prompt"
        label={isChat ? 'Your turn' : 'Prompt'}
        value={form.prompt}
        onChange={(prompt) => actions.steer.run.setForm({ prompt })}
        onKeyDown={ctrlEnterSends(() => {
          if (blocked === null) void actions.steer.run.start();
        })}
      />
      <details className={dataStyles.details}>
        <summary>
          Temperature {form.temperature}, at most {counted(form.maxTokens, 'token')}, seed{' '}
          {form.seed}
        </summary>
        <SamplingFields
          idPrefix="steer"
          form={form}
          onChange={actions.steer.run.setForm}
          onRollSeed={actions.steer.run.rollSeed}
        />
      </details>
    </section>
  );
}
