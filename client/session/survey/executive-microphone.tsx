import { useEffect, useRef, useState } from 'react';
import type { SurveyVoice, SurveyVoiceState } from '#client/audio/survey-voice.ts';
import { microphoneHelp } from '#client/session/survey/executive-words.ts';
import { drawStrip } from '#client/session/voice-strip.ts';
import { Icon } from '#client/ui/icon.tsx';
import { onTick } from '#client/ui/ticker.ts';

/** From this level on somebody speaks; on the meter's scale. */
const speech = 0.4;

/** Tries the microphone, connected to nothing: which one, how loud, and what to do if there is none. */
export function MicrophoneCheck({ voice, hears }: { voice: SurveyVoice; hears: SurveyVoiceState }) {
	const [device, setDevice] = useState<string>();
	const try_ = (deviceId: string | undefined) => {
		setDevice(deviceId);
		void voice.check(deviceId);
	};
	if (hears.microphone === 'asking')
		return (
			<p className="mic-line" role="status">
				<Icon name="microphone" />
				Your browser asks for the microphone: allow it there.
			</p>
		);
	if (hears.microphone === 'refused')
		return (
			<div className="mic-refused" role="alert">
				<Icon name="silenced" />
				<div className="stack">
					<p>
						<b>{hears.fault}</b> {hears.refused && microphoneHelp[hears.refused]}
					</p>
					<p className="row">
						<button type="button" className="button" onClick={() => try_(device)}>
							Try again
						</button>
						{device !== undefined && (
							<button type="button" className="button plain" onClick={() => try_(undefined)}>
								Take another microphone
							</button>
						)}
					</p>
				</div>
			</div>
		);
	return (
		<div className="mic-check">
			<Level voice={voice} />
			<Devices device={device} choose={try_} />
			<p className="faint mic-hint">
				<Icon name="headphones" /> Wear headphones: through loudspeakers the customer would hear themselves. Echo and
				noise are taken out as far as your browser can.
			</p>
		</div>
	);
}

/** The last seconds of the own voice, and in a word whether there is one. */
function Level({ voice }: { voice: SurveyVoice }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const [spoke, setSpoke] = useState(false);
	useEffect(() => (canvas.current ? drawStrip(canvas.current, voice.level) : undefined), [voice]);
	useEffect(() => onTick(() => voice.level() > speech && setSpoke(true)), [voice]);
	return (
		<div className="mic-level">
			<canvas ref={canvas} role="img" aria-label="Your own voice: the last 20 seconds" />
			<span role="status" className={spoke ? 'mic-good' : 'soft'}>
				<Icon name={spoke ? 'check' : 'microphone'} />
				{spoke ? 'Your microphone works.' : 'Say something: the bars should move.'}
			</span>
		</div>
	);
}

/** The microphones of this device; their names are known only now that one is open. */
function Devices({ device, choose }: { device: string | undefined; choose: (deviceId: string) => void }) {
	const [all, setAll] = useState<readonly MediaDeviceInfo[]>([]);
	useEffect(() => {
		let current = true;
		const look = () =>
			void navigator.mediaDevices.enumerateDevices().then((found) => {
				if (current) setAll(found.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== ''));
			});
		look();
		navigator.mediaDevices.addEventListener('devicechange', look);
		return () => {
			current = false;
			navigator.mediaDevices.removeEventListener('devicechange', look);
		};
	}, []);
	if (all.length === 0) return null;
	return (
		<label className="field">
			<span className="label">Microphone</span>
			<select className="input" value={device ?? all[0]?.deviceId} onChange={(event) => choose(event.target.value)}>
				{all.map((one, index) => (
					<option key={one.deviceId} value={one.deviceId}>
						{one.label || `Microphone ${index + 1}`}
					</option>
				))}
			</select>
		</label>
	);
}
