import { Type } from 'typebox';
import { Ping, Pong } from '#shared/live.ts';
import { SurveyTold } from '#shared/survey.ts';

/** Everything the server may say, in text, on a survey socket. [T2] */
export const ToSpeaker = Type.Union([SurveyTold, Pong]);
/** All that an executive may say there in text; the rest is their own sound. */
export const FromSpeaker = Ping;
