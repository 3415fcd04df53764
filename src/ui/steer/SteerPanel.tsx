// What to steer with and how: SAE, latent, dial, prompt, sampling, Steer and Stop.
import { samplingProblem } from '../parts/sampling';
import { steeringBlock, steeringSae } from '../../store/selectors';
import { CopyLink } from '../parts/CopyLink';
import { describedBy, Field } from '../parts/Field';
import { Icon } from '../parts/Icon';
import { NumberField } from '../parts/NumberField';
import { saeOption } from '../parts/saeOption';
import { SamplingFields } from '../parts/SamplingFields';
import { SelectField } from '../parts/SelectField';
import { useActions, useFacts } from '../storeContext';
import { LatentCard } from './LatentCard';
import { StrengthDial } from './StrengthDial';

export function SteerPanel() {
  const form = useFacts((facts) => facts.steer.form);
  const { setSteerForm, rollSteerSeed } = useActions();
  return (
    <section className="panel" aria-label="Steering">
      <Target />
      <LatentCard />
      <StrengthDial />
      <hr className="rule" />
      <Field id="steer-prompt" label="Prompt">
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
      <Transport />
    </section>
  );
}

function Target() {
  const list = useFacts((facts) => facts.saes.list);
  const sae = useFacts(steeringSae);
  const latentIndex = useFacts((facts) => facts.steer.latentIndex);
  const { chooseLatent } = useActions();
  if (sae === null) {
    return (
      <p className="muted">
        {list === null ? 'Listing SAEs…' : 'There is no SAE here yet: train or import one first.'}
      </p>
    );
  }
  return (
    <>
      <SelectField
        id="steer-sae"
        label="SAE"
        value={sae.saeId}
        options={(list ?? []).map(saeOption)}
        onChange={(saeId) => chooseLatent(saeId, latentIndex)}
      />
      <NumberField
        id="steer-latent"
        label="Feature"
        help={`0 to ${sae.d_sae - 1}`}
        value={latentIndex}
        min={0}
        max={sae.d_sae - 1}
        onChange={(index) => chooseLatent(sae.saeId, index)}
      />
    </>
  );
}

function Transport() {
  const blocked = useFacts(steeringBlock);
  const invalid = useFacts((facts) => samplingProblem(facts.steer.form));
  const running = useFacts((facts) => facts.steer.run?.running === true);
  const hasRun = useFacts((facts) => facts.steer.run !== null);
  const { steer, stopSteering } = useActions();
  const reason = blocked ?? invalid;
  return (
    <div className="button-row">
      {running && (
        <button type="button" className="button" onClick={() => void stopSteering()}>
          <Icon name="stop" />
          Stop
        </button>
      )}
      <button
        type="button"
        className={running ? 'button' : 'button primary'}
        disabled={reason !== null}
        onClick={() => void steer()}
      >
        <Icon name="play" />
        {hasRun ? 'Rerun' : 'Generate'}
      </button>
      <CopyLink />
      {reason !== null && <span className="reason">{reason}</span>}
    </div>
  );
}
