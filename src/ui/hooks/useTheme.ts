// Puts the chosen theme on the document; the tokens do the rest.
import { useEffect } from 'react';
import { useAppState } from '../storeContext';

export function useTheme(): void {
  const theme = useAppState((state) => state.shell.theme);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}
