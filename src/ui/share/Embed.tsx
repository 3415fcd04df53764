// The page inside of another one: what was shared and nothing else, without a model before a click. It tells the page
// around it how tall it is.
import { useEffect, useRef } from 'react';
import type { SharedContent } from '../../core/share/sharedContent';
import { useTheme } from '../hooks/useTheme';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import { ProblemNote } from '../parts/Messages';
import { Announcer } from '../shell/Announcer';
import { useActions, useAppState } from '../storeContext';
import { SharedView } from './SharedScreen';
import { SharedVerdict } from './SharedVerdict';
import styles from './Embed.module.css';

export function Embed() {
  const embed = useAppState((state) => state.share.embed);
  const content = useAppState((state) => state.share.received?.content ?? null);
  const root = useRef<HTMLDivElement>(null);
  useTheme();
  useTellHeight(root);
  if (embed === null) return null;
  const { hide, isLive } = embed;
  return (
    <div ref={root} className={styles.embed}>
      <main className={layoutStyles.stack}>
        {content === null && (
          <p>
            This frame carries nothing to show. Its address is to come from Share, with what is
            seen.
          </p>
        )}
        {(content?.status === 'loading' || content?.status === 'empty') && (
          <p role="status">Reading what was shared…</p>
        )}
        {content?.status === 'failed' && <ProblemNote problem={content.problem} />}
        {content?.status === 'ready' && (
          <>
            <SharedView content={content.value} hide={hide} />
            {isLive && <Verdict content={content.value} />}
          </>
        )}
        <Foot canCheck={content?.status === 'ready' && !isLive} hasLink={!hide.includes('link')} />
      </main>
      <Announcer />
    </div>
  );
}

/** Where the engine does not begin, a page of its own may. */
function Verdict({ content }: { content: SharedContent }) {
  const problem = useAppState(({ sae, shell }) => (sae.list === null ? shell.banner : null));
  if (problem === null) return <SharedVerdict content={content} />;
  return (
    <p role="status">
      It cannot be computed in this frame: {problem.what} “Open live” does it on a page of its own.
    </p>
  );
}

function Foot({ canCheck, hasLink }: { canCheck: boolean; hasLink: boolean }) {
  const actions = useActions();
  return (
    <footer className={styles.foot}>
      <span className={classNames(wordStyles.muted, wordStyles.small)}>As shared · nanoscope</span>
      <span className={layoutStyles.buttonRow}>
        {canCheck && (
          <button
            type="button"
            className={controlStyles.button}
            title="Loads the model into this frame"
            onClick={actions.share.embed.goLive}
          >
            Compute it here
          </button>
        )}
        {hasLink && (
          <a
            className={controlStyles.button}
            href={window.location.href.replace(/#.*$/s, '') + actions.share.embed.liveHash()}
            target="_blank"
            rel="noopener"
          >
            Open live
          </a>
        )}
      </span>
    </footer>
  );
}

/** So that the page around it can make the frame as tall: nothing but a number is told. */
function useTellHeight(root: React.RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = root.current;
    if (element === null || window.parent === window) return;
    const watch = new ResizeObserver(() => {
      const height = Math.ceil(element.getBoundingClientRect().height);
      // Whoever frames it may be anybody.
      window.parent.postMessage({ kind: 'nanoscope-height', height }, '*');
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [root]);
}
