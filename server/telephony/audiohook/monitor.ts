import type { WebSocket } from 'ws';
import {
	type Carried,
	type HookLine,
	type HookSocketNeeds,
	hookSocket,
} from '#server/telephony/audiohook/hook-socket.ts';
import { legsOf } from '#server/telephony/audiohook/media.ts';
import type { Media, Open } from '#server/telephony/audiohook/protocol.ts';
import { callLabel } from '#server/telephony/call-label.ts';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import type { IncomingCall, Intake } from '#server/telephony/telephony.ts';
import { frameSamples } from '#shared/audio.ts';
import { type Disclosure, disclosures } from '#shared/call.ts';

export interface MonitorNeeds extends Omit<HookSocketNeeds, 'begin' | 'takes'> {
	intake: Intake;
	/** Who gets the calls whose configuration names no agent. */
	defaultAgentId?: string | undefined;
}

/**
 * One AudioHook Monitor session: listening to a conversation. Nothing but the protocol's own texts is ever sent on it; a
 * single binary message would make Genesys close it with error 415. [S3]
 */
export function monitor(socket: WebSocket, { intake, defaultAgentId, ...needs }: MonitorNeeds) {
	return hookSocket(socket, { ...needs, begin });

	function begin(open: Open, media: Media, line: HookLine): Carried | undefined {
		const agentId = textOf(open, 'agent') ?? defaultAgentId;
		if (!agentId) {
			line.leave('unknownAgent', 'name one as agent in the integration’s configuration, or set YCORD_AUDIOHOOK_AGENT');
			return;
		}
		const legs = legsOf(media);
		let isRefused = false;
		const call = intake.started(incomingCall(open, agentId, media), (refusal) => {
			isRefused = true;
			line.leave(closeReasonOf(refusal), refusal.code);
		});
		if (isRefused) return;
		return {
			callId: call.callId,
			heard(channels, at) {
				const length = channels[0]?.length ?? 0;
				// In turn, at most 20 ms at once: a leg that came whole before the other would leave without it.
				for (let from = 0; from < length; from += frameSamples)
					for (const [place, leg] of legs.entries())
						call.sound(leg, (channels[place] as Uint8Array).subarray(from, from + frameSamples), at + from);
			},
			paused: () => call.paused(),
			unpaused: () => call.unpaused(),
			over(how) {
				// The conversation may go on without its session: then its sound is lost, not over.
				if (how === 'hung-up') call.ended('hung-up');
				else call.lost();
			},
		};
	}
}

/** What the integration's configuration says, as text; it is whoever set it up who writes it. */
export function textOf({ customConfig = {} }: Open, name: string): string | undefined {
	const value = customConfig[name];
	return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

const isDisclosure = (text: string | undefined): text is Disclosure =>
	text !== undefined && (disclosures as readonly string[]).includes(text);

function incomingCall(open: Open, agentId: string, media: Media): IncomingCall {
	const { conversationId, participant, language } = open;
	const disclosure = textOf(open, 'disclosure');
	const { ani: from, dnis: to } = participant;
	return {
		gateway: 'audiohook',
		platformId: conversationId.toLowerCase(),
		agentId,
		label: callLabel({ label: textOf(open, 'label'), from }),
		codec: 'pcmu',
		legs: legsOf(media),
		disclosure: isDisclosure(disclosure) ? disclosure : 'notice',
		rehearsal: false,
		about: { queue: textOf(open, 'queue'), from, to, language },
	};
}
