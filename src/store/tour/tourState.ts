// A tour of five steps that are done, not read. Plain data.

export const TOUR_STEPS = ['word', 'open', 'turn', 'train', 'share'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

export type TourState = {
  /** shown; off, its progress is kept */
  isOn: boolean;
  done: readonly TourStep[];
};

export const FIRST_TOUR: TourState = { isOn: false, done: [] };

/** The first that is not done; null: all are. */
export function nextStep({ done }: TourState): TourStep | null {
  return TOUR_STEPS.find((step) => !done.includes(step)) ?? null;
}

/** `on:word,open`, as it is kept between visits. */
export function formatTour({ isOn, done }: TourState): string {
  return `${isOn ? 'on' : 'off'}:${done.join(',')}`;
}

export function parseTour(text: string | null): TourState {
  const [state, steps = ''] = (text ?? '').split(':');
  const named = steps.split(',');
  return { isOn: state === 'on', done: TOUR_STEPS.filter((step) => named.includes(step)) };
}
