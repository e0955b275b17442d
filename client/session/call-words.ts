import type { CallAbout, CallView, Disclosure } from '#shared/call.ts';

/** What a call is to those who look at it: its state, with protection over it. */
export type Tone = 'live' | 'held' | 'protected' | 'lost' | 'ended';

/** Protection comes before hold and loss: it is what people must not miss. An ended call is only ended. */
export function toneOf(call: Pick<CallView, 'at' | 'protected'>): Tone {
	if (call.at === 'ended') return 'ended';
	return call.protected ? 'protected' : call.at;
}

/** The state in a word. Colour and icon only repeat it. */
export const toneWord: Record<Tone, string> = {
	live: 'Live',
	held: 'On hold',
	protected: 'Protected',
	lost: 'Sound lost',
	ended: 'Ended',
};

/** What stands over the lanes while there is nothing to hear, so that silence is never a riddle. */
export const silenceWords: Record<Exclude<Tone, 'live'>, { title: string; text: string }> = {
	held: {
		title: 'On hold: nothing to hear',
		text: 'The sound comes back by itself when the agent takes the customer off hold.',
	},
	protected: {
		title: 'Protected: listening is paused',
		text: 'Card or other private details are being said. Nobody hears this part, and it is not kept.',
	},
	lost: {
		title: 'The sound from the phone system is lost',
		text: 'Waiting for it. The call itself may well be going on; nothing is wrong on your side.',
	},
	ended: { title: 'The call has ended', text: 'Your notes stay here. You can still add to them.' },
};

/** What the customer knows of a listening, in plain words. */
export const disclosureWords: Record<Disclosure, string> = {
	notice: 'The customer was told at the start that calls may be listened to.',
	announced: 'The customer has been told that somebody is listening now.',
	asked: 'The customer was asked, and said yes.',
};

/** Why a call is over. */
export function endWords(reason: string | undefined): string {
	switch (reason) {
		case 'lost':
			return 'Its sound was lost and did not come back.';
		case 'server-stopped':
			return 'This Ycord server was stopped.';
		default:
			return 'It was hung up.';
	}
}

/** Said wherever a call stands on whose platform Ycord is a participant. [S3] */
export const notSilent = {
	brief: 'Not silent',
	text: 'Ycord is a participant of this call',
	more: 'It sends nothing.',
};

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });
/**
 * What the platform says of a call, as short texts in one order: queue, numbers, language, labels. What the label of the call
 * says already is left out.
 */
export function aboutWords({ about, label }: { about?: CallAbout | undefined; label: string }): string[] {
	if (!about) return [];
	const { queue, from, to, language, labels = [] } = about;
	return [
		queue,
		from && `from ${from}`,
		to && `to ${to}`,
		language && languageNames.of(language),
		...labels.map(({ name, value }) => `${name}: ${value}`),
	].filter((text): text is string => Boolean(text) && !label.includes((text as string).replace(/^(from|to) /, '')));
}

const gatewayNames: Record<string, string> = {
	rehearsal: 'Rehearsal',
	twilio: 'Twilio',
	line: 'Browser line',
	audiofork: 'Audio fork',
	siprec: 'SIPREC',
	rtpengine: 'rtpengine',
};
/** Where a call comes from, as people name it. */
export const gatewayName = (gateway: string) =>
	gatewayNames[gateway] ?? gateway.charAt(0).toUpperCase() + gateway.slice(1);
