import { shownText } from '#server/telephony/call-label.ts';
import type { CallAbout } from '#shared/call.ts';

/** What a platform says of a call beside its sound, as it comes: any length, any text, numbers in full. */
export interface CallAboutGiven {
	queue?: string | undefined;
	from?: string | undefined;
	to?: string | undefined;
	/** BCP 47, such as `en-GB`. */
	language?: string | undefined;
	labels?: Readonly<Record<string, string>> | undefined;
}

const maxText = 60;
const maxLabels = 10;
const languageTag = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/;

/**
 * The one form in which every platform's data of a call goes on: telephone numbers shortened wherever they stand, texts cut,
 * the first ten labels. What is empty or not a language is left out; undefined when nothing is left.
 */
export function callAbout({ queue, from, to, language, labels = {} }: CallAboutGiven): CallAbout | undefined {
	const text = (given: string | undefined) => shownText(given ?? '').slice(0, maxText);
	const shown = Object.entries(labels)
		.map(([name, value]) => ({ name: text(name), value: text(value) }))
		.filter(({ name, value }) => name && value)
		.slice(0, maxLabels);
	const about: CallAbout = {
		...(text(queue) ? { queue: text(queue) } : {}),
		...(text(from) ? { from: text(from) } : {}),
		...(text(to) ? { to: text(to) } : {}),
		...(language && languageTag.test(language) ? { language } : {}),
		...(shown.length > 0 ? { labels: shown } : {}),
	};
	return Object.keys(about).length > 0 ? about : undefined;
}
