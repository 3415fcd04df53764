// Where the engine's worker tells the page which files it fetched, so that they can be kept for a visit without a network.
export const FILES_CHANNEL = 'nanoscope/files';
