/** The surveys whose answers one reply holds, the last asked first; the counts are of all of them. [B1] */
export const maxSurveys = 12;
/** The open answers that one reply holds of a question, the newest first; the CSV holds all. [B1] */
export const maxSaid = 100;
/** Below so many answers it is said that they are too few to tell a change from chance. */
export const fewAnswers = 30;
