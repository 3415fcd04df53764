// Length limits of a user's notes about a latent, in characters (interface.md 2.3).
export const MAX_LABEL = 80;
export const MAX_NOTE = 2000;
