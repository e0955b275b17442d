import { english } from '#server/survey/scripts/english.ts';
import { french } from '#server/survey/scripts/french.ts';
import { german } from '#server/survey/scripts/german.ts';
import { spanish } from '#server/survey/scripts/spanish.ts';
import type { Script } from '#shared/survey.ts';

/** What comes with Ycord, until a company brings its own: short, because the customer called about something else. */
export const shippedScripts: readonly Script[] = [english, german, french, spanish];
