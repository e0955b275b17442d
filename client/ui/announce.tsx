let region: HTMLElement | null = null;
let saidAtMs = Number.NEGATIVE_INFINITY;

/** Two things that happen this close together are said together: the second must not swallow the first. */
const togetherMs = 1000;

/** Says something to screen readers when they have a moment. For what happened, never for what ticks. */
export function announce(text: string) {
	if (!region) return;
	const now = performance.now();
	const before = now - saidAtMs < togetherMs ? (region.textContent ?? '') : '';
	saidAtMs = now;
	region.textContent = saidTogether(before, text);
}

/** One text of two, each said once. */
export function saidTogether(before: string, text: string): string {
	if (before === '' || before === text || before.endsWith(` ${text}`)) return before || text;
	return `${before}${/[.!?]$/.test(before) ? '' : '.'} ${text}`;
}

/** Where announcements are put; once a page. */
export const AnnouncedHere = () => (
	<div
		className="unseen"
		role="status"
		ref={(element) => {
			region = element;
		}}
	/>
);
