// Puts the chosen theme on the document; the tokens do the rest.
import { useEffect } from 'react';
import { useFacts } from '../storeContext';

export function useTheme(): void {
  const theme = useFacts((facts) => facts.shell.theme);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}
