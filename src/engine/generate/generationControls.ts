// How a running text is paused, stepped and stopped from outside. Knows nothing about tokens.

export type GenerationControls = {
  readonly isStopWanted: boolean;
  stop: () => void;
  pause: () => void;
  resume: () => void;
  /** Generates one more token, then pauses again. */
  stepOnce: () => void;
  /** Whether the next token has to wait. */
  readonly isHeld: boolean;
  /** Resolves when it may continue: resumed, one step requested, or stopped. */
  wait: () => Promise<void>;
  /** Reports that a token was generated. */
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
