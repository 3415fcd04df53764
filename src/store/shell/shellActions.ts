// Intents of the shell around the screens: view, theme, help, banner.
import type { Theme, View } from '../../core/share/shareState';
import type { JobId, Problem } from '../../engine/shared/api';
import type { StoreContext } from '../context';

/** From this share on, it is said that room gets scarce (interface.md 2.5). */
export const SCARCE_ROOM = 0.8;

export function makeShellActions({ api, env, get, patch }: StoreContext) {
  let version: { use: () => void } | null = null;
  let isAsked = false;
  let isWarned = false;
  const readRoom = async () => {
    const room = await env.readRoom();
    patch('shell', { room });
    if (room === null || isWarned || room.used < SCARCE_ROOM * room.quota) return;
    isWarned = true;
    patch('shell', {
      notice:
        'This browser’s storage for the page is nearly full. Delete what you no longer need, on Library.',
    });
  };

  return {
    readRoom,
    /** Something of the visitor's own was stored: asks the browser once not to clear it by itself, and looks how
     *  full the storage is. A refusal is told on Library, where it can be asked again. */
    ownStored: async () => {
      if (!isAsked) {
        isAsked = true;
        const room = await env.readRoom();
        if (room?.isPersistent === false) await env.keepStorage();
      }
      await readRoom();
    },
    keepSafe: async () => {
      patch('shell', { isKeepingRefused: !(await env.keepStorage()) });
      await readRoom();
    },
    /** Offered, never forced: `use` reloads the page. */
    offerVersion: (offered: { use: () => void }) => {
      version = offered;
      patch('shell', { hasNewVersion: true });
    },
    useNewVersion: () => version?.use(),
    declineVersion: () => patch('shell', { hasNewVersion: false }),
    show: (view: View) => patch('shell', { view }),
    setTheme: (theme: Theme) => {
      env.writeSetting('theme', theme);
      patch('shell', { theme });
    },
    setHelpOpen: (helpOpen: boolean) => patch('shell', { helpOpen }),
    setShortcutsOn: (shortcutsOn: boolean) => {
      env.writeSetting('shortcuts', shortcutsOn ? 'on' : 'off');
      patch('shell', { shortcutsOn });
    },
    /** Ends work that the page asked for; whoever asked shows what is left. */
    cancelJob: (jobId: JobId) => api.cancel(jobId),
    /** A problem that belongs to no control. */
    tellProblem: (banner: Problem) => patch('shell', { banner }),
    dismissBanner: () => patch('shell', { banner: null }),
    notify: (notice: string) => patch('shell', { notice }),
    dismissNotice: () => patch('shell', { notice: null }),
    announce: (text: string) => {
      const { id } = get().shell.announcement;
      patch('shell', { announcement: { id: id + 1, text } });
    },
  };
}
