import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refusedWords } from '#server/refused-words.ts';
import { isLoopback } from '#server/setting.ts';
import type { GatewayDesk, GatewayNoted } from '#server/telephony/desk.ts';
import type { Clock } from '#shared/clock.ts';
import type { GatewayState, Gateways, GatewayView } from '#shared/gateways.ts';

export interface GatewayViewsNeeds {
	desk: Pick<GatewayDesk, 'all'>;
	clock: Pick<Clock, 'now'>;
	/** When the server started, ms since 1970. */
	sinceMs: number;
	callsOf: (gateway: string) => number;
	/** The address in YCORD_PUBLIC_URL; without it nobody elsewhere can be given one. */
	publicUrl: string | undefined;
}

/** A refusal this long ago says nothing of how a gateway stands now. */
const refusingForMs = 24 * 60 * 60_000;
const docs = fileURLToPath(new URL('../docs/', import.meta.url));

/** The guide's own file; undefined where it is not there. */
export function guideFile(guide: string): string | undefined {
	const path = `${docs}${guide}`;
	return existsSync(path) ? path : undefined;
}

/** The desk as the administrator's page and `ycord doctor` show it: in words, and without any secret. */
export function gatewayViews({ desk, clock, sinceMs, callsOf, publicUrl }: GatewayViewsNeeds): Gateways {
	const nowMs = clock.now();
	// Where sound comes by SIP and RTP, nobody asks for our web address.
	const isWeb = desk.all().some(({ entry }) => entry.on && entry.addresses().some(({ address }) => web.test(address)));
	const addressProblem = isWeb ? problemOf(publicUrl) : undefined;
	return {
		since: iso(sinceMs),
		now: iso(nowMs),
		...(addressProblem ? { addressProblem } : {}),
		gateways: desk.all().map((noted) => viewOf(noted, callsOf(noted.entry.name), nowMs)),
	};
}

function viewOf(noted: GatewayNoted, callsNow: number, nowMs: number): GatewayView {
	const { entry, lastContactMs, refusals, refusedCounts } = noted;
	const { name, title, on, settings, abilities, guide } = entry;
	return {
		name,
		title,
		state: stateOf(noted, callsNow, nowMs),
		on,
		callsNow,
		...(lastContactMs === undefined ? {} : { lastContact: iso(lastContactMs) }),
		addresses: [...entry.addresses()],
		settings: [...settings],
		abilities,
		guide: { file: guide, ...(guideFile(guide) ? { path: `/guides/${guide}` } : {}) },
		refused: refusals.map(({ why, atMs }) => ({ why, ...refusedWords(why), at: iso(atMs) })),
		refusedCounts: [...refusedCounts]
			.map(([why, count]) => ({ why, ...refusedWords(why), count }))
			.sort((one, other) => other.count - one.count),
		canTest: on && entry.testCall !== undefined,
	};
}

function stateOf({ entry, lastContactMs, refusals }: GatewayNoted, callsNow: number, nowMs: number): GatewayState {
	if (!entry.on) return 'off';
	if (callsNow > 0) return 'receiving';
	const [last] = refusals;
	if (last && last.atMs >= (lastContactMs ?? 0) && nowMs - last.atMs < refusingForMs) return 'refusing';
	return lastContactMs === undefined ? 'unheard' : 'ready';
}

/** What makes addresses useless to a platform, in words. */
export function problemOf(publicUrl: string | undefined): string | undefined {
	if (publicUrl === undefined)
		return 'YCORD_PUBLIC_URL is not set, so these addresses lead to this machine only. Set it to the https:// address at which the platform reaches Ycord.';
	const { protocol, hostname } = new URL(publicUrl);
	if (isLoopback(hostname))
		return 'YCORD_PUBLIC_URL is an address of this machine only. Set it to the https:// address at which the platform reaches Ycord.';
	if (protocol !== 'https:')
		return 'YCORD_PUBLIC_URL begins with http://. Phone platforms open only encrypted connections: put a TLS proxy before Ycord.';
	return undefined;
}

const web = /^(ws|http)s?:/;
const iso = (ms: number) => new Date(ms).toISOString();
