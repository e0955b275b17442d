import type { IconName } from '#client/ui/icon.tsx';
import { sinceWords } from '#client/ui/times.ts';
import type { GatewayState, GatewayView, TestCallResult } from '#shared/gateways.ts';

/** How a gateway stands, in words and by the colour of its mark. */
export const stateWords: Record<GatewayState, { word: string; tone: string; icon: IconName }> = {
	receiving: { word: 'Receiving calls', tone: 'live', icon: 'live' },
	ready: { word: 'Ready', tone: 'ready', icon: 'check' },
	unheard: { word: 'Ready, never heard from', tone: 'quiet', icon: 'check' },
	refusing: { word: 'Turning calls away', tone: 'lost', icon: 'notice' },
	off: { word: 'Not set up', tone: 'off', icon: 'notice' },
};

/** How long ago, by the server's own clock. */
export function agoWords(then: string, now: string): string {
	const since = sinceWords(Math.max(0, Date.parse(now) - Date.parse(then)));
	return since === 'just now' ? since : `${since} ago`;
}

/** When the platform was last here, as a sentence. */
export function contactWords({ lastContact, state }: GatewayView, since: string, now: string): string {
	if (lastContact) return `The platform was last here ${agoWords(lastContact, now)}.`;
	const started = agoWords(since, now);
	if (state === 'refusing') return `Somebody tried, and was turned away. Nobody got in since Ycord started ${started}.`;
	return `Nobody has come to this door since Ycord started ${started}. Start a call at the platform, and watch this page.`;
}

/** What calls of this gateway are like, for whoever chooses how to connect a platform. */
export function abilityWords({ legs, silent, clock, hold, survey }: GatewayView['abilities']): string[] {
	return [
		legs === 'both' ? 'customer and agent apart' : 'everybody in one sound',
		silent ? 'nobody can hear Ycord' : 'Ycord is a participant of the call',
		clock ? 'the platform tells when each piece was said' : 'timed by when it arrives',
		hold ? 'a hold is told' : 'a hold is heard, not told',
		survey ? 'an executive can be brought on the line' : 'listening only',
	];
}

/** Which voice came where. */
export const orderWords: Record<TestCallResult['order'], string> = {
	right: 'Customer and agent are where they belong.',
	swapped: 'Customer and agent change places.',
	mixed: 'Both are in one sound.',
	missing: 'Not both were heard.',
};

/** Where a level stands on the bar, from 0 to 1: −60 dBFS is its beginning. */
export const onBar = (dbfs: number): number => Math.min(1, Math.max(0, (dbfs + 60) / 60));

/** A level with a minus that reads as one: `−12.1 dBFS`. */
export const dbfsWords = (dbfs: number): string => `${dbfs.toFixed(1).replace('-', '−')} dBFS`;
