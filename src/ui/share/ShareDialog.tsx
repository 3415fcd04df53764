// Gives away what is on screen: a link to it, a link that carries what is seen, a QR code of either, a file.
import { useEffect, useId, useState } from 'react';
import { counted } from '../../core/text/counted';
import {
  carriedText,
  FILE_LIMITS,
  LINK_LIMITS,
  type SharedContent,
} from '../../core/share/sharedContent';
import type { Outcome } from '../../engine/shared/api';
import { bugProblem } from '../../store/problems';
import { selectedSae } from '../../store/sae/saeSelectors';
import { listedToShare } from '../../store/share/giveActions';
import { saveBlob } from '../files';
import { Dialog } from '../parts/Dialog';
import { Segmented } from '../parts/fields/Segmented';
import { Icon } from '../parts/Icon';
import { lazyPart } from '../parts/load/lazyPart';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { count } from '../parts/text/numberText';
import { useActions, useAppState } from '../storeContext';
import styles from './ShareDialog.module.css';
import { useAddress, type AddressState } from './useAddress';

const QrCode = lazyPart('The QR code', async () => (await import('./QrCode')).QrCode);

type Carries = 'place' | 'seen';

export function ShareDialog() {
  const actions = useActions();
  const isOwn = useAppState((state) => selectedSae(state)?.origin !== 'demo');
  const [content, retry] = useContent();
  const [chosen, setCarries] = useState<Carries | null>(null);
  const [keepsText, setKeepsText] = useState(true);
  const listed = useAppState(listedToShare);
  const canCarry = content?.ok === true;
  const carries = chosen ?? (canCarry && isOwn ? 'seen' : 'place');
  const given = canCarry && carries === 'seen' ? content.value : null;
  const address = useAddress(given, keepsText);
  const carried = keepsText && address.kind === 'made' ? address.carried : null;
  return (
    <Dialog title="Share" onClose={() => actions.share.give.openDialog(false)}>
      <div className={layoutStyles.stack}>
        <Choice carries={carries} content={content} onChange={setCarries} onRetry={retry} />
        {canCarry && listed > 0 && <Listed count={listed} />}
        {given !== null && (
          <Privacy content={carried ?? given} keepsText={keepsText} onKeepsText={setKeepsText} />
        )}
        <Address address={address} isWhole={given !== null} />
        {canCarry && <SaveFile content={content.value} keepsText={keepsText} />}
        <Publish />
      </div>
    </Dialog>
  );
}

/** What there is to carry; null while it is collected. */
function useContent(): [Outcome<SharedContent> | null, () => void] {
  const actions = useActions();
  const [content, setContent] = useState<Outcome<SharedContent> | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    void actions.share.give.collect('link').then((collected) => {
      if (isWanted) setContent(collected);
    });
    return () => {
      isWanted = false;
    };
  }, [actions, attempt]);
  return [content, () => setAttempt(attempt + 1)];
}

type ChoiceProps = {
  carries: Carries;
  content: Outcome<SharedContent> | null;
  onChange: (carries: Carries) => void;
  onRetry: () => void;
};

function Choice({ carries, content, onChange, onRetry }: ChoiceProps) {
  if (content === null) return <p role="status">Collecting what is seen…</p>;
  if (!content.ok) {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {content.problem.what} {content.problem.wayOut}{' '}
        <button type="button" className={controlStyles.linkButton} onClick={onRetry}>
          Look again
        </button>
      </p>
    );
  }
  return (
    <div className={styles.choice}>
      <Segmented
        label="What the link carries"
        value={carries}
        options={[
          { value: 'place', label: 'The place' },
          { value: 'seen', label: 'The place and what is seen there' },
        ]}
        onChange={onChange}
      />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {carries === 'place'
          ? 'Opens the page at the same place. Whoever opens it needs the same model and SAE.'
          : 'Shows the same anywhere, even without model and SAE. Where both are there, it is computed again and compared.'}
      </p>
    </div>
  );
}

/** How much of a list there is room for. */
function Listed({ count: all }: { count: number }) {
  const first = (most: number) => (all <= most ? 'all of them' : `the first ${count(most)}`);
  return (
    <p className={classNames(wordStyles.muted, wordStyles.small)}>
      {counted(all, 'feature')} listed: with what is seen, a link carries{' '}
      {first(LINK_LIMITS.features)} as far as there is room, a file {first(FILE_LIMITS.features)}.
    </p>
  );
}

type PrivacyProps = {
  content: SharedContent;
  keepsText: boolean;
  onKeepsText: (keepsText: boolean) => void;
};

/** What of their own somebody gives away. */
function Privacy({ content, keepsText, onKeepsText }: PrivacyProps) {
  const id = useId();
  const { snippets, tokens } = carriedText(content);
  if (content.run !== null) return <p>It carries your prompt and the texts.</p>;
  const corpus = content.sae?.corpus ?? null;
  if (corpus === null) {
    return (
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        It carries {counted(snippets, 'snippet')} of the bundled text, which everybody has.
      </p>
    );
  }
  return (
    <div className={styles.privacy}>
      <p>
        It carries <strong>{counted(snippets, 'snippet')} of your text</strong> {corpus}, with what
        stands before them {counted(tokens, 'token')}, and your label and note.
      </p>
      <label htmlFor={id}>
        <input
          id={id}
          type="checkbox"
          checked={!keepsText}
          onChange={(event) => onKeepsText(!event.target.checked)}
        />{' '}
        Leave out the text: then the numbers and the tokens it promotes remain.
      </label>
    </div>
  );
}

/** isWhole: it carries what is seen. */
function Address({ address, isWhole }: { address: AddressState; isWhole: boolean }) {
  const [shown, setShown] = useState<'code' | 'embed' | null>(null);
  const toggle = (what: 'code' | 'embed') => setShown(shown === what ? null : what);
  if (address.kind === 'making') return <p role="status">Packing…</p>;
  if (address.kind === 'failed') return <p role="alert">{address.what}</p>;
  return (
    <div className={layoutStyles.stack}>
      <div className={styles.address}>
        <input
          className={inputStyles.input}
          aria-label="Link"
          readOnly
          value={address.url}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton url={address.url} />
        <SystemShare url={address.url} />
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.toggle)}
          aria-pressed={shown === 'code'}
          onClick={() => toggle('code')}
        >
          QR code
        </button>
        {isWhole && (
          <button
            type="button"
            className={classNames(controlStyles.button, controlStyles.toggle)}
            aria-pressed={shown === 'embed'}
            onClick={() => toggle('embed')}
          >
            Embed
          </button>
        )}
      </div>
      {address.notes.map((note) => (
        <p key={note} className={classNames(wordStyles.muted, wordStyles.small)}>
          {note}
        </p>
      ))}
      {shown === 'code' && <QrCode text={address.url} />}
      {shown === 'embed' && isWhole && <EmbedCode url={address.url} />}
    </div>
  );
}

/** For somebody's own page: a frame that paints what the link carries, without a model. */
function EmbedCode({ url }: { url: string }) {
  const code = `<iframe src="${url.replaceAll('&', '&amp;')}&amp;embed=1" title="A feature of a language model" width="540" height="300" loading="lazy"></iframe>`;
  return (
    <div className={layoutStyles.stack}>
      <textarea
        className={inputStyles.input}
        aria-label="Code of the frame"
        rows={4}
        readOnly
        value={code}
        onFocus={(event) => event.target.select()}
      />
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        Paste it into a page. No model is loaded there before somebody presses a button.
      </p>
    </div>
  );
}

function CopyButton({ url }: { url: string }) {
  const actions = useActions();
  const [copied, setCopied] = useState<string | null>(null);
  async function copy() {
    try {
      await navigator.clipboard.writeText(url);
      setCopied(url);
      actions.shell.announce('Link copied.');
      actions.tour.tick('share');
    } catch {
      actions.shell.notify('This browser does not let the page copy: mark the link and copy it.');
    }
  }
  return (
    <button
      type="button"
      className={classNames(controlStyles.button, controlStyles.primary)}
      onClick={() => void copy()}
    >
      <Icon name="link" />
      {copied === url ? 'Copied' : 'Copy'}
    </button>
  );
}

/** The device's own way to pass things on, where it has one. */
function SystemShare({ url }: { url: string }) {
  if (!('share' in navigator)) return null;
  return (
    <button
      type="button"
      className={controlStyles.button}
      onClick={() => {
        // Refused: somebody changed their mind.
        void navigator.share({ title: 'nanoscope', url }).catch(() => undefined);
      }}
    >
      Send…
    </button>
  );
}

function SaveFile({ content, keepsText }: { content: SharedContent; keepsText: boolean }) {
  const actions = useActions();
  const [problem, setProblem] = useState<Outcome<Blob> | null>(null);
  const [isBusy, setBusy] = useState(false);
  async function save() {
    setBusy(true);
    try {
      const more = await actions.share.give.collect('file');
      const file = more.ok ? await actions.share.give.file(more.value, keepsText) : more;
      if (file.ok) saveBlob(file.value, `${fileName(content)}.nanoscope.gz`);
      setProblem(file.ok ? null : { ok: false, problem: file.problem });
    } catch (cause) {
      setProblem({ ok: false, problem: bugProblem(cause) });
    }
    setBusy(false);
  }
  return (
    <div className={styles.file}>
      <button
        type="button"
        className={controlStyles.button}
        disabled={isBusy}
        onClick={() => void save()}
      >
        <Icon name="download" />
        {isBusy ? 'Collecting…' : 'Save as a file'}
      </button>
      <span className={classNames(wordStyles.muted, wordStyles.small)}>
        Opens when it is dropped on this page.
      </span>
      {problem?.ok === false && <ProblemNote problem={problem.problem} />}
    </div>
  );
}

/** Of the SAE on screen: all of its features, for a host of one's own. */
function Publish() {
  const saeId = useAppState((state) => selectedSae(state)?.saeId ?? null);
  const actions = useActions();
  if (saeId === null) return null;
  return (
    <div className={styles.file}>
      <button
        type="button"
        className={controlStyles.button}
        onClick={() => actions.share.give.choosePublished([saeId])}
      >
        Publish the whole SAE…
      </button>
      <span className={classNames(wordStyles.muted, wordStyles.small)}>
        All its features, as a folder to put on the web.
      </span>
    </div>
  );
}

function fileName({ sae, features }: SharedContent): string {
  const [first] = features;
  if (sae === null || first === undefined) return 'texts';
  return `${sae.name}-${features.length === 1 ? first.latentIndex : 'features'}`;
}
