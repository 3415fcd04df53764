// What is written on: a prompt to continue, or the next turn of a conversation; and the sampling.
import { steerMode } from '../../store/steer/steerRequest';
import type { GenerationMode } from '../../store/generate/textFacts';
import { SamplingFields } from '../parts/fields/SamplingFields';
import { Segmented } from '../parts/fields/Segmented';
import { TextAreaField } from '../parts/fields/TextAreaField';
import { useActions, useFacts } from '../storeContext';
import { SteerConversation } from './lanes/SteerConversation';
import layoutStyles from '../parts/look/layout.module.css';
import { classNames } from '../parts/look/classNames';
import styles from './PromptPanel.module.css';

const MODES: readonly { value: GenerationMode; label: string }[] = [
  { value: 'completion', label: 'Continue a text' },
  { value: 'chat', label: 'Chat' },
];

export function PromptPanel() {
  const form = useFacts((facts) => facts.steer.form);
  const mode = useFacts(steerMode);
  const { setSteerForm, rollSteerSeed, setSteerMode } = useActions();
  const isChat = mode === 'chat';
  return (
    <section
      className={classNames(layoutStyles.panel, styles.panel)}
      aria-label="Prompt and sampling"
    >
      <Segmented label="How text is made" value={mode} options={MODES} onChange={setSteerMode} />
      {isChat && <SteerConversation />}
      <TextAreaField
        id="steer-prompt"
        label={isChat ? 'Your turn' : 'Prompt'}
        value={form.prompt}
        onChange={(prompt) => setSteerForm({ prompt })}
      />
      <SamplingFields
        idPrefix="steer"
        form={form}
        onChange={setSteerForm}
        onRollSeed={rollSteerSeed}
      />
    </section>
  );
}
