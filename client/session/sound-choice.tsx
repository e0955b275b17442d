import { useId } from 'react';
import type { ListeningSound, ListeningState } from '#client/audio/listening.ts';
import { formsOf, keepForm } from '#client/session/sound-form.ts';
import { soundForms } from '#shared/audio.ts';

interface ChoiceNeeds {
	sound: ListeningSound;
	state: ListeningState;
	/** Whoever is on the line needs each voice by itself: their own is left out. */
	fixed: boolean;
	/** The call has only one sound, with everybody in it. */
	isOne: boolean;
}

/** How much data the sound may be: chosen here, remembered on this device. */
export function SoundChoice({ sound, state, fixed, isOne }: ChoiceNeeds) {
	const id = useId();
	return (
		<div className="sound-choice">
			<label htmlFor={id}>Sound</label>
			<select
				id={id}
				value={state.form}
				disabled={fixed}
				onChange={(event) => {
					const form = soundForms.find((one) => one === event.target.value) ?? 'both';
					sound.choose(form);
					keepForm(form);
				}}
			>
				{formsOf(isOne).map(({ form, name, text }) => (
					<option key={form} value={form}>
						{name} ({text})
					</option>
				))}
			</select>
		</div>
	);
}
