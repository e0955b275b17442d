import { type SoundForm, soundForms } from '#shared/audio.ts';

/** Remembered on this device: how much data its connection can bear is the device's, not a call's. */
const place = 'ycord.sound-form';

export function keptForm(): SoundForm {
	try {
		const kept = localStorage.getItem(place);
		return soundForms.find((form) => form === kept) ?? 'both';
	} catch {
		return 'both';
	}
}

export function keepForm(form: SoundForm): void {
	try {
		localStorage.setItem(place, form);
	} catch {
		// A browser that keeps nothing: it is both again next time.
	}
}

/** What each form is to a listener, and what it costs; the figures of two narrowband legs. */
export const formWords: Record<SoundForm, { name: string; text: string }> = {
	both: { name: 'Both voices apart', text: 'about 140 kbit/s' },
	mixed: { name: 'Both voices in one', text: 'about 75 kbit/s' },
	low: { name: 'Low data', text: 'no pauses, under 70 kbit/s' },
};

/** The forms there are to choose from; of a call that is one sound with everybody in it, mixing it is none. */
export function formsOf(isOne: boolean): { form: SoundForm; name: string; text: string }[] {
	if (!isOne) return soundForms.map((form) => ({ form, ...formWords[form] }));
	return [
		{ form: 'both', name: 'All of it', text: '75 kbit/s, wideband 140' },
		{ form: 'low', ...formWords.low },
	];
}
