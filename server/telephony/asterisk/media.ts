import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';

/** One leg's sound between Asterisk and us, whichever way it goes. */
export interface Media {
	/** What comes, in the call's codec, whole samples. Nothing comes before this is asked for. */
	onSound(heard: (samples: Uint8Array) => void): void;
	/** It is gone, and not because of us. */
	onGone(gone: () => void): void;
	/** 20 ms for the channel. Dropped when it would wait: late words would only get later. [B1] */
	say(frame: Uint8Array): void;
	close(): void;
}

/** A leg that was asked for: what Asterisk is told to make of it, and the sound when it is there. */
export interface AwaitedMedia {
	/** Of `POST /channels/externalMedia`, beside app, id and format. */
	query: Readonly<Record<string, string>>;
	/** With what Asterisk answered, where that says where we have to go. */
	made(channelId: string): void;
	opened: Promise<Media>;
	forget(): void;
}

/** One way of sending sound. `direction` is seen from us, and without `both` Asterisk drops what we send. [S3] */
export interface MediaRoad {
	await(direction: 'in' | 'both', format: MediaFormat): AwaitedMedia;
	close(): Promise<void>;
}

/** How long a leg may take from being asked for until its sound is there. */
export const mediaWithinMs = 5000;
