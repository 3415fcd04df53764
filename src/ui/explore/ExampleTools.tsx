// What can be done with one example of a feature: try it in the test box, switch the feature off in it.
import type { Example } from '../../engine/api';
import { useActions } from '../storeContext';
import { AblationSlot } from './AblationSlot';
import { TEST_BOX_ID } from './TestBox';

export function ExampleTools({ example, rank }: { example: Example; rank: number }) {
  const { sendExample } = useActions();
  function send() {
    sendExample(example.tokens);
    document.getElementById(TEST_BOX_ID)?.focus();
  }
  return (
    <div className="example-tools">
      <button type="button" className="link-button small" onClick={send}>
        Try this text <span className="visually-hidden">of example {rank}</span>
      </button>
      <AblationSlot tokens={example.tokens} name={`example ${rank}`} />
    </div>
  );
}
