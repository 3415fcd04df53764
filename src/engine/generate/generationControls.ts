// How a running text is held, stepped and stopped from outside. Knows nothing of tokens.

export type GenerationControls = {
  readonly isStopWanted: boolean;
  stop: () => void;
  pause: () => void;
  resume: () => void;
  /** One more token, then it holds again. */
  stepOnce: () => void;
  /** Whether the next token has to wait. */
  readonly isHeld: boolean;
  /** Resolves when it may go on: resumed, one step wanted, or stopped. */
  wait: () => Promise<void>;
  /** Tells that a token was made. */
  stepped: () => void;
};

export function makeGenerationControls(): GenerationControls {
  let isStopWanted = false;
  let isPaused = false;
  let stepsWanted = 0;
  let wake: (() => void)[] = [];
  const go = () => {
    for (const waiting of wake) waiting();
    wake = [];
  };
  const isHeld = () => isPaused && stepsWanted === 0 && !isStopWanted;
  return {
    get isStopWanted() {
      return isStopWanted;
    },
    get isHeld() {
      return isHeld();
    },
    stop() {
      isStopWanted = true;
      go();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      stepsWanted = 0;
      go();
    },
    stepOnce() {
      isPaused = true;
      stepsWanted++;
      go();
    },
    async wait() {
      while (isHeld()) await new Promise<void>((resolve) => wake.push(resolve));
    },
    stepped() {
      if (stepsWanted > 0) stepsWanted--;
    },
  };
}
