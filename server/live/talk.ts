import type { Talking } from '#server/audio/hub.ts';
import { maySeeSession } from '#server/projections/session-view.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import { legBits, legs } from '#shared/audio.ts';
import type { TalkMessage } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';

export interface TalkNeeds {
	talking: (callId: string) => Talking;
	sessions: Sessions;
	person: Person;
	say: (message: TalkMessage) => void;
	/** The peer has not read what was sent before: what is true then is told later. */
	isBehind: () => boolean;
}

/** Tells one person who talks on the calls they look at. */
export interface TalkTold {
	/** These and no others from now on. */
	look(callIds: readonly string[]): void;
	/** Called a few times a second: tells what has changed since it was told. */
	tell(): void;
}

/**
 * What the sound's own header says, for whoever does not hear it: five thousand rows need no decoding. Nobody talks on a
 * call that is held or protected, or that is not this person's to see. [P1] [W4] [W14]
 */
export function talkTold({ talking, sessions, person, say, isBehind }: TalkNeeds): TalkTold {
	/** What was told last, as bits, for each call that is looked at. */
	let told = new Map<string, number>();

	const now = (callId: string) => {
		const session = sessions.get(callId);
		if (session?.call.at !== 'live' || session.call.protected || !maySeeSession(person, session)) return 0;
		return talking(callId).bits;
	};
	return {
		look(callIds) {
			// Of a call that is looked at anew nobody talks until it is told: so is what the page begins with.
			told = new Map(callIds.map((callId) => [callId, told.get(callId) ?? 0]));
		},
		tell() {
			if (told.size === 0 || isBehind()) return;
			const talk: TalkMessage['talk'] = [];
			for (const [callId, before] of told) {
				const bits = now(callId);
				if (bits === before) continue;
				told.set(callId, bits);
				talk.push({ callId, who: legs.filter((leg) => (bits & legBits[leg]) > 0) });
			}
			if (talk.length > 0) say({ type: 'talk', talk });
		},
	};
}
