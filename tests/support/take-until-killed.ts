import { writeSync } from 'node:fs';
import { machineClock } from '#server/clock.ts';
import { asterisk } from '#server/telephony/asterisk/asterisk.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';

/**
 * A process of its own, started as `take-until-killed.ts <Asterisk’s address>`: Ycord's Asterisk gateway, which takes the line of the first call it is
 * told of, says `taken`, and keeps it until it is killed.
 */
const [url = ''] = process.argv.slice(2);
const intake = recordingIntake();
await gatewayDoor(async (door) => {
	await door.register(asterisk, {
		intake,
		clock: machineClock(),
		site: 'test',
		config: {
			url,
			user: 'ycord',
			password: 'secret-of-ari',
			app: 'ycord',
			media: 'incoming',
			client: 'ycord',
			mediaKeys: [],
			format: 'ulaw',
		},
	});
});
await intake.when(() => intake.calls.length > 0);
await intake.calls[0]?.incoming.control?.take?.({ agent: 'muted', shownAs: 'a leader' }, () => {});
writeSync(1, 'taken\n');
