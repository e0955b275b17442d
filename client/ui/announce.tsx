let region: HTMLElement | null = null;

/** Says something to screen readers when they have a moment. For what happened, never for what ticks. */
export function announce(text: string) {
	if (region) region.textContent = text;
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
