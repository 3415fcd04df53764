// The polite live region: at most one message in five seconds, the newest wins (interface.md 7).
import { useEffect, useRef, useState } from 'react';
import { useAppState } from '../storeContext';
import wordStyles from '../parts/look/words.module.css';

const PAUSE_MS = 5000;

export function Announcer() {
  const announcement = useAppState((state) => state.shell.announcement);
  const [said, setSaid] = useState('');
  const saidAt = useRef(-Infinity);
  useEffect(() => {
    if (announcement.text === '') return;
    const wait = Math.max(0, saidAt.current + PAUSE_MS - Date.now());
    const timer = setTimeout(() => {
      saidAt.current = Date.now();
      setSaid(announcement.text);
    }, wait);
    return () => clearTimeout(timer);
  }, [announcement]);
  return (
    <div className={wordStyles.visuallyHidden} aria-live="polite">
      {said}
    </div>
  );
}
