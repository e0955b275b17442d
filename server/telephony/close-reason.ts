import type { CloseReason } from '#shared/close-codes.ts';
import { type Refusal, type RefusalCode, refusals } from '#shared/refusals.ts';

/** How a connection ends whose call was refused. */
export const closeReasonOf = ({ code }: Refusal): CloseReason =>
	closeReasons[code] ?? (refusals[code].retry ? 'failed' : 'forbidden');

const closeReasons: Partial<Record<RefusalCode, CloseReason>> = {
	'call.unknown-agent': 'unknownAgent',
	'call.exists': 'replaced',
	'call.ended': 'callEnded',
	'call.full': 'full',
	'server.draining': 'draining',
};
