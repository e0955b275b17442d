import { audiohookPath, connectorPath } from '#server/telephony/audiohook/audiohook.ts';
import type { AudiohookConfig } from '#server/telephony/audiohook/settings.ts';
import { hookTestCall } from '#server/telephony/audiohook/test-call.ts';
import { type GatewayEntry, socketAddress } from '#server/telephony/desk.ts';

/** Genesys Cloud as the administrator sees it; `now` signs test calls, and without it there are none. */
export function audiohookEntry(config: AudiohookConfig, publicUrl: () => string, now?: () => number): GatewayEntry {
	const [first, second] = config.audiohookKeys;
	return {
		name: 'audiohook',
		title: 'Genesys Cloud AudioHook',
		on: first !== undefined,
		addresses: () => [
			{ what: 'AudioHook Monitor: Connection URI', address: socketAddress(publicUrl(), audiohookPath) },
			// Genesys appends `/` and the Connector ID to it. (help.mypurecloud.com, Call Audio Connector action)
			{ what: 'Audio Connector: Base Connection URI', address: socketAddress(publicUrl(), audiohookPath) },
			{ what: 'Call Audio Connector: Connector ID', address: connectorPath.slice(audiohookPath.length + 1) },
		],
		settings: [
			{ name: 'YCORD_AUDIOHOOK_KEY', isSet: first !== undefined },
			{ name: 'YCORD_AUDIOHOOK_SECRET', isSet: Boolean(first?.secret) },
			{ name: 'YCORD_AUDIOHOOK_KEY_SECONDARY', isSet: second !== undefined },
			{ name: 'YCORD_AUDIOHOOK_SECRET_SECONDARY', isSet: Boolean(second?.secret) },
			{ name: 'YCORD_AUDIOHOOK_AGENT', isSet: config.audiohookAgent !== undefined },
			{ name: 'YCORD_AUDIOHOOK_TRANSFER', isSet: config.audiohookTransfer !== undefined },
		],
		abilities: { legs: 'both', silent: true, clock: true, hold: true, survey: config.audiohookTransfer !== undefined },
		guide: 'genesys.md',
		...(first && now
			? { testCall: (signal) => hookTestCall({ ...first, publicUrl: publicUrl(), nowMs: now() }, signal) }
			: {}),
	};
}
