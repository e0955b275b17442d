import { useEffect, useRef, useState } from 'react';
import type { ListeningSound } from '#client/audio/listening.ts';
import { drawStrip } from '#client/session/voice-strip.ts';
import { Icon } from '#client/ui/icon.tsx';
import { Range } from '#client/ui/range.tsx';
import { onTick } from '#client/ui/ticker.ts';
import type { Leg } from '#shared/audio.ts';

interface LaneNeeds {
	leg: Leg;
	/** Whose voice it is. */
	name: string;
	under: string;
	sound: ListeningSound;
	/** It comes with the other voices in one: it cannot be set by itself. */
	mixed: boolean;
	/** It is everybody's, in one sound: whose voice it is at a moment cannot be told. */
	everyone?: boolean;
}

/** One voice: its last seconds as a strip, its loudness and mute in this tab only. */
export function VoiceLane({ leg, name, under, sound, mixed, everyone = false }: LaneNeeds) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const talks = useRef<HTMLSpanElement>(null);
	const [muted, setMuted] = useState(false);
	const [percent, setPercent] = useState(100);
	// Past React: it changes several times a second.
	useEffect(
		() =>
			onTick(() => {
				const { talks: who, overtalk } = sound.talk();
				if (talks.current) talks.current.dataset.talks = !who[leg] ? 'no' : overtalk ? 'over' : 'yes';
			}),
		[sound, leg],
	);
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
		<div className={`lane ${everyone ? 'everyone' : leg}`} data-muted={muted}>
			<div className="lane-name">
				<b>
					{name}
					{!everyone && <span ref={talks} className="talks" aria-hidden="true" />}
				</b>
				<span className="faint">{muted ? 'Muted for you' : under}</span>
			</div>
			<canvas
				ref={canvas}
				className="strip"
				role="img"
				aria-label={`${everyone ? 'All voices in one' : `The voice of ${name}`}: the last 20 seconds`}
			/>
			<div className="lane-loud">
				<button
					type="button"
					className="button plain small"
					aria-pressed={muted}
					aria-label={`Mute ${name}`}
					disabled={mixed}
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
					disabled={mixed}
					says={`${percent} %`}
					change={turn}
				/>
			</div>
		</div>
	);
}
