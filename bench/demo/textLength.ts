/** Tokens of the texts that a feature is judged by, and of its preset. */
export const TEXT_LENGTH = 36;
