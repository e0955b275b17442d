import { type Microphone, type MicrophoneNeeds, MicrophoneRefused, openMicrophone } from '#client/audio/microphone.ts';
import { type SurveyLine, type SurveyLineNeeds, type SurveyLineState, surveyLine } from '#client/audio/survey-line.ts';
import { type Store, store } from '#client/live/store.ts';
import { type Codec, frameBytes, silenceByte } from '#shared/audio.ts';

export interface SurveyVoiceState {
	/** `open`: the device is on; whether anybody hears it is the line's to say. */
	microphone: 'off' | 'asking' | 'open' | 'refused';
	/** Why there is none. */
	refused?: MicrophoneRefused['reason'];
	/** Why, and what to do, in words. */
	fault?: string;
	/** The line it leads to; without one it is connected to nothing. */
	line?: SurveyLineState;
	muted: boolean;
	/** Somebody speaks into a microphone that is muted. */
	talksMuted: boolean;
}

/** An executive's microphone, from the check until it is let go of, and the line it leads to while there is one. */
export interface SurveyVoice {
	state: Store<SurveyVoiceState>;
	/** Asks for the microphone, or for another one. In a click. Never rejects: `state` says what came of it. */
	check(deviceId?: string): Promise<void>;
	/** Lets what the microphone hears onto the line, from the moment the server says `live`. */
	take(needs: SurveyLineNeeds): void;
	mute(muted: boolean): void;
	/** For a meter, on the player's scale; also while muted. */
	level(): number;
	/** Leaves the line and lets go of the device: the browser's own sign goes off. */
	stop(): void;
}

export interface SurveyVoiceNeeds {
	openMic?: (context: AudioContext, needs: MicrophoneNeeds) => Promise<Microphone>;
	/** A fresh one for each opening of the device, closed with it. */
	openContext?: () => AudioContext;
	openLine?: (needs: SurveyLineNeeds) => SurveyLine;
}

const off: SurveyVoiceState = { microphone: 'off', muted: false, talksMuted: false };
const silence = (codec: Codec) => new Uint8Array(frameBytes(codec)).fill(silenceByte[codec]);
/** Speech, on the player's scale, and how much of it is talking: half a second, so that a cough is none. */
const speech = 0.5;
const talkingFrames = 25;

export function surveyVoice(needs: SurveyVoiceNeeds = {}): SurveyVoice {
	const {
		openMic = openMicrophone,
		openContext = () => new AudioContext({ latencyHint: 'interactive' }),
		openLine = surveyLine,
	} = needs;
	const state = store<SurveyVoiceState>(off);
	let microphone: Microphone | undefined;
	let line: SurveyLine | undefined;
	let letGo = () => {};
	/** Counts openings: what comes late from an earlier one is not wanted any more. */
	let opening = 0;
	let spokenMuted = 0;

	const change = (next: Partial<SurveyVoiceState>) => state.set({ ...state.get(), ...next });
	const heard = (frame: Uint8Array<ArrayBuffer>, codec: Codec) => {
		const { muted, talksMuted } = state.get();
		// Muted here and not in the microphone, which goes on for its meter: what is sent is silence from this frame on.
		line?.say(muted ? silence(codec) : frame, codec);
		spokenMuted = muted && (microphone?.level() ?? 0) > speech ? spokenMuted + 1 : 0;
		if (spokenMuted > talkingFrames && !talksMuted) change({ talksMuted: true });
	};
	/** So that what is said is encoded once, as the call's platform takes it. */
	const tellCodec = () => {
		const codec = line?.state.get().codec;
		if (codec) microphone?.speak(codec);
	};
	const closeDevice = () => {
		opening++;
		letGo();
		letGo = () => {};
		microphone = undefined;
	};
	return {
		state,
		async check(deviceId) {
			closeDevice();
			const mine = opening;
			const { refused: _, fault: __, ...before } = state.get();
			state.set({ ...before, microphone: 'asking' });
			const context = openContext();
			const close = () => void context.close();
			const gone = () => {
				if (mine !== opening) return;
				closeDevice();
				change({ microphone: 'refused', refused: 'missing', fault: goneWords });
			};
			try {
				await context.resume();
				const device = deviceId === undefined ? {} : { deviceId };
				const opened = await openMic(context, { ...device, onFrame: heard, onEnded: gone });
				if (mine !== opening) {
					opened.stop();
					return close();
				}
				microphone = opened;
				tellCodec();
				letGo = () => {
					opened.stop();
					close();
				};
				change({ microphone: 'open' });
			} catch (error) {
				close();
				if (mine !== opening) return;
				const refused = error instanceof MicrophoneRefused ? error.reason : 'busy';
				change({ microphone: 'refused', refused, fault: (error as Error).message });
			}
		},
		take(lineNeeds) {
			line?.stop();
			const taken = openLine(lineNeeds);
			line = taken;
			const show = () => {
				if (line !== taken) return;
				const now = taken.state.get();
				change({ line: now });
				tellCodec();
				// For good: nobody must sit before a microphone that is still open.
				if (now.at === 'over') closeDevice();
				if (now.at === 'over') change({ microphone: 'off', muted: false, talksMuted: false });
			};
			taken.state.subscribe(show);
			show();
		},
		mute(muted) {
			spokenMuted = 0;
			change({ muted, talksMuted: false });
		},
		level: () => microphone?.level() ?? 0,
		stop() {
			const left = line;
			line = undefined;
			left?.stop();
			closeDevice();
			if (state.get() !== off) state.set(off);
		},
	};
}

const goneWords = 'Your microphone is gone: nobody hears you. Plug it in, then try again.';
