// What is written on: a prompt to continue, or the next turn of a conversation; and the sampling.
import { steerMode } from '../../store/steerRequest';
import type { GenerationMode } from '../../store/textFacts';
import { describedBy, Field } from '../parts/Field';
import { SamplingFields } from '../parts/SamplingFields';
import { Segmented } from '../parts/Segmented';
import { useActions, useFacts } from '../storeContext';
import { SteerConversation } from './SteerConversation';

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
    <section className="panel" aria-label="Prompt and sampling">
      <Segmented label="How text is made" value={mode} options={MODES} onChange={setSteerMode} />
      {isChat && <SteerConversation />}
      <Field id="steer-prompt" label={isChat ? 'Your turn' : 'Prompt'}>
        <textarea
          id="steer-prompt"
          className="input"
          rows={2}
          value={form.prompt}
          aria-describedby={describedBy('steer-prompt')}
          onChange={(event) => setSteerForm({ prompt: event.target.value })}
        />
      </Field>
      <SamplingFields
        idPrefix="steer"
        form={form}
        onChange={setSteerForm}
        onRollSeed={rollSteerSeed}
      />
    </section>
  );
}
