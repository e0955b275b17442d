import { rtpPorts } from '#server/telephony/rtp/ports.ts';
import { type RtpengineNeeds, rtpengine } from '#server/telephony/rtpengine/rtpengine.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';

/** The gateway alone, on free ports; `close` lets go of all of it. */
export async function rtpengineDoor(
	needs: Omit<RtpengineNeeds, 'config' | 'ports' | 'rtp'>,
	config: NonNullable<RtpengineNeeds['config']>,
	pairs = 8,
): Promise<{ address: string; close(): Promise<void> }> {
	const host = '127.0.0.1';
	const ports = rtpPorts({ host, ...(await freeRtpRange(pairs)) });
	const { address, app } = await gatewayDoor(async (door) => {
		await door.register(rtpengine, { ...needs, config, ports, rtp: { address: host, source: 'offer' } });
	});
	return {
		address,
		async close() {
			await app.close();
			ports.close();
		},
	};
}
