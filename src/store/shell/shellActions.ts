// Intents of the shell around the screens: view, theme, help, banner.
import type { Theme, View } from '../../core/share/shareState';
import type { JobId, Problem } from '../../engine/shared/api';
import type { StoreContext } from '../context';

export function makeShellActions({ api, env, get, patch }: StoreContext) {
  let version: { use: () => void } | null = null;
  const readRoom = async () => patch('shell', { room: await env.readRoom() });

  return {
    readRoom,
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
