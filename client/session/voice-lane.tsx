import { useEffect, useRef, useState } from 'react';
import type { ListeningSound } from '#client/audio/listening.ts';
import { drawStrip } from '#client/session/voice-strip.ts';
import { Icon } from '#client/ui/icon.tsx';
import { Range } from '#client/ui/range.tsx';
import type { Leg } from '#shared/audio.ts';

interface LaneNeeds {
	leg: Leg;
	/** Whose voice it is. */
	name: string;
	under: string;
	sound: ListeningSound;
}

/** One voice: its last seconds as a strip, its loudness and mute in this tab only. */
export function VoiceLane({ leg, name, under, sound }: LaneNeeds) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const [muted, setMuted] = useState(false);
	const [percent, setPercent] = useState(100);
	useEffect(() => (canvas.current ? drawStrip(canvas.current, () => sound.levels()[leg]) : undefined), [sound, leg]);
	const mute = () => {
		sound.setMuted(leg, !muted);
		setMuted(!muted);
	};
	const turn = (next: number) => {
		sound.setVolume(leg, next / 100);
		setPercent(next);
	};
	return (
		<div className={`lane ${leg}`} data-muted={muted}>
			<div className="lane-name">
				<b>{name}</b>
				<span className="faint">{muted ? 'Muted for you' : under}</span>
			</div>
			<canvas ref={canvas} className="strip" role="img" aria-label={`The voice of ${name}: the last 20 seconds`} />
			<div className="lane-loud">
				<button
					type="button"
					className="button plain small"
					aria-pressed={muted}
					aria-label={`Mute ${name}`}
					onClick={mute}
				>
					<Icon name={muted ? 'muted' : 'volume'} />
				</button>
				<Range
					label={`Volume of ${name}`}
					min={0}
					max={150}
					step={5}
					value={percent}
					says={`${percent} %`}
					change={turn}
				/>
			</div>
		</div>
	);
}
