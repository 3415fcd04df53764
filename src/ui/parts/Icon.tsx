// The page's few icons, drawn as strokes that take the text's colour. Decoration only: names are text.
import styles from './Icon.module.css';

const PATHS = {
  start: 'M4 11.5 12 4.5l8 7M6.5 10v9.5h11V10M10 19.5v-5h4v5',
  library: 'M4.5 4h4v16h-4zM8.5 4h4v16h-4zM13.6 5.4l3.9-1 4 15-3.9 1z',
  train: 'M4 4v16h16M7.5 9c3 6.5 5.5 8 11.5 8.5',
  explore: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20M10.5 8v5M8 10.5h5',
  steer:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  evaluate: 'M4 4v16h16M8 15.5v.1M10.5 11v.1M14 8.5v.1M18 7v.1M14.5 14v.1',
  circuits:
    'M6 16.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM18 16.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM12 9.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM12 3v6.5M7.4 17l3.2-3.9M16.6 17l-3.2-3.9',
  help: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM9.6 9.7c0-3.2 4.9-3 4.9-.1 0 2-2.4 2-2.4 4M12 16.6v.1',
  auto: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 3.5v17M12 8l5.5-1.5M12 13l7.5-1.5M12 18l5-1.5',
  light:
    'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dark: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  stop: 'M7 7h10v10H7z',
  dice: 'M5 5h14v14H5zM9 9v.1M15 9v.1M12 12v.1M9 15v.1M15 15v.1',
  close: 'M6 6l12 12M18 6 6 18',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  star: 'M12 3.8l2.5 5.1 5.6.8-4 4 .9 5.6-5-2.7-5 2.7.9-5.6-4-4 5.6-.8z',
  left: 'M14.5 6 8.5 12l6 6',
  right: 'M9.5 6l6 6-6 6',
  filter: 'M4 5.5h16l-6.2 7.3v5.7l-3.6 1.8v-7.5z',
  share: 'M12 15V4M8 7.5 12 3.5l4 4M7 11H5.5v9h13v-9H17',
  download: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
