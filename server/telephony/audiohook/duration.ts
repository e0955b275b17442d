import { sampleRate } from '#shared/audio.ts';

/** How AudioHook writes positions and durations: seconds, as ISO 8601 has them. */
export const durationPattern = '^PT(?:\\d{0,9}\\.)?\\d{1,12}S$';

/** A duration that fits the pattern, in samples at 8 kHz. */
export const samplesOf = (duration: string) => Math.round(Number(duration.slice(2, -1)) * sampleRate);

/** So many samples at 8 kHz as a duration. */
export const durationOf = (samples: number) => `PT${samples / sampleRate}S`;
