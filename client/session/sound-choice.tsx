import { useId } from 'react';
import type { ListeningSound, ListeningState } from '#client/audio/listening.ts';
import { formWords, keepForm } from '#client/session/sound-form.ts';
import { soundForms } from '#shared/audio.ts';

/** How much data the sound may be: chosen here, remembered on this device. */
export function SoundChoice({ sound, state }: { sound: ListeningSound; state: ListeningState }) {
	const id = useId();
	return (
		<div className="sound-choice">
			<label htmlFor={id}>Sound</label>
			<select
				id={id}
				value={state.form}
				onChange={(event) => {
					const form = soundForms.find((one) => one === event.target.value) ?? 'both';
					sound.choose(form);
					keepForm(form);
				}}
			>
				{soundForms.map((form) => (
					<option key={form} value={form}>
						{formWords[form].name} ({formWords[form].text})
					</option>
				))}
			</select>
		</div>
	);
}
