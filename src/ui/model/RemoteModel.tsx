// A model from a web address: list, show sizes and host, consent, download, stop and resume.
import type { RemoteFacts, RemoteModel as RemoteChoice } from '../../engine/model/api';
import { bytes } from '../parts/text/numberText';
import { describedBy, Field } from '../parts/fields/Field';
import { ProblemNote } from '../parts/Messages';
import { ProgressBar } from '../parts/ProgressBar';
import { SelectField } from '../parts/fields/SelectField';
import { useActions, useAppState } from '../storeContext';
import { choiceText, findChoice, keyOf } from './choiceText';
import { KeptDownloads } from './KeptDownloads';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './RemoteModel.module.css';
import { progressOf } from '../../store/progress';

export function RemoteModel() {
  const listing = useAppState((state) => state.model.remote.listing);
  const isDownloading = useAppState((state) => state.model.remote.downloading !== null);
  return (
    <div className={layoutStyles.stack}>
      <AddressField />
      {listing.status === 'failed' && <ProblemNote problem={listing.problem} />}
      {listing.status === 'ready' && !isDownloading && <Consent listing={listing.value} />}
      {isDownloading && <Downloading />}
      <KeptDownloads />
    </div>
  );
}

function AddressField() {
  const address = useAppState((state) => state.model.remote.address);
  const isListing = useAppState((state) => state.model.remote.listing.status === 'loading');
  const actions = useActions();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void actions.model.remote.list();
      }}
    >
      <Field
        id="model-address"
        label="Or from a web address"
        help="A Hugging Face repository, a folder or a model_*.pt. Its files are listed first; nothing is downloaded yet."
      >
        <span className={styles.address}>
          <input
            id="model-address"
            className={inputStyles.input}
            type="text"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://huggingface.co/owner/name"
            value={address}
            aria-describedby={describedBy('model-address')}
            onChange={(event) => actions.model.remote.setAddress(event.target.value)}
          />
          <button
            type="submit"
            className={controlStyles.button}
            disabled={address.trim() === '' || isListing}
          >
            {isListing ? 'Listing…' : 'List files'}
          </button>
        </span>
      </Field>
    </form>
  );
}

function Consent({ listing }: { listing: RemoteFacts }) {
  const chosen = useAppState((state) => state.model.remote.chosen);
  const actions = useActions();
  const model = chosen === null ? null : findChoice(listing.models, keyOf(chosen));
  if (model === null) {
    return <p role="status">No nanochat model was found at {listing.host}.</p>;
  }
  return (
    <div className={layoutStyles.stack} role="group" aria-label={`Files at ${listing.host}`}>
      {listing.models.length > 1 && (
        <SelectField
          id="remote-choice"
          label={`Models there: ${listing.models.length}`}
          value={keyOf(model)}
          options={listing.models.map((one) => ({ value: keyOf(one), label: choiceText(one) }))}
          onChange={(key) => {
            const next = findChoice(listing.models, key);
            if (next !== null) actions.model.remote.choose(next);
          }}
        />
      )}
      {model.problem === null ? (
        <>
          <FileSizes model={model} />
          <div className={layoutStyles.buttonRow}>
            <button
              type="button"
              className={classNames(controlStyles.button, controlStyles.primary)}
              onClick={() => void actions.model.remote.download()}
            >
              Download {model.totalBytes === null ? '' : bytes(model.totalBytes)}
            </button>
            <span className={classNames(wordStyles.muted, wordStyles.small)}>
              from {listing.host}, which sees your IP address like any site. Kept in this browser.
            </span>
          </div>
        </>
      ) : (
        <p className={inputStyles.fieldError} role="alert">
          {model.problem}
        </p>
      )}
    </div>
  );
}

function FileSizes({ model }: { model: RemoteChoice }) {
  return (
    <ul className={styles.sizes} aria-label="Files to download">
      {model.files.map(({ path, size }) => (
        <li key={path}>
          <code>{path}</code>
          <span className={wordStyles.muted}>{size === null ? 'size unknown' : bytes(size)}</span>
        </li>
      ))}
    </ul>
  );
}

function Downloading() {
  const progress = useAppState(progressOf('model'));
  const actions = useActions();
  const cancel = (
    <div className={layoutStyles.buttonRow}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => void actions.model.remote.cancel()}
      >
        Cancel
      </button>
      <span className={classNames(wordStyles.muted, wordStyles.small)}>What arrived is kept.</span>
    </div>
  );
  if (progress === null) return cancel;
  return <ProgressBar label="Download" progress={progress} action={cancel} />;
}
