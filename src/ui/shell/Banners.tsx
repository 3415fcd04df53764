// What concerns the whole page: no GPU, a problem without a control of its own, a word about the link.
import { Note, ProblemNote } from '../parts/Messages';
import { useActions, useFacts } from '../storeContext';

export function Banners() {
  const banner = useFacts((facts) => facts.shell.banner);
  const notice = useFacts((facts) => facts.shell.notice);
  const noDevice = useFacts((facts) => facts.device?.problem ?? null);
  const { dismissBanner, dismissNotice } = useActions();
  return (
    <div className="banners">
      {noDevice !== null && (
        <Note>
          <p>{noDevice}</p>
          <p className="muted">
            Without it the model still generates text on the CPU, and the demo SAE can be explored;
            training and statistics wait.
          </p>
        </Note>
      )}
      <ProblemNote problem={banner}>
        <button type="button" className="button quiet" onClick={dismissBanner}>
          Dismiss
        </button>
      </ProblemNote>
      {notice !== null && <Note onDismiss={dismissNotice}>{notice}</Note>}
    </div>
  );
}
