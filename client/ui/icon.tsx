/** Every icon, drawn on a grid of 16 with one stroke width. A word always stands beside it or names its button. */
const paths = {
	live: 'M2 8h1.5M5 5.5v5M8 3v10M11 5.5v5M12.5 8H14',
	held: 'M5.5 3.5v9M10.5 3.5v9',
	protected: 'M8 1.8l5 1.9v3.8c0 3.2-2.1 5.4-5 6.7-2.9-1.3-5-3.5-5-6.7V3.7zM5.8 8l1.6 1.6 2.9-3.1',
	lost: 'M2 2l12 12M5 6v5M8 8.5V13M8 3v2M11 10.5v.5M11 5.5V8M2 8h.5M13.5 8h.5',
	ended: 'M2.2 9.8C5 6.6 11 6.6 13.8 9.8l-1.5 1.7-2.5-1V8.7a8 8 0 0 0-3.6 0v1.8l-2.5 1z',
	ear: 'M4.5 6a3.5 3.5 0 1 1 7 0c0 2.6-2.7 3-2.7 5.3a2.1 2.1 0 0 1-4.1.6M6.5 6.3a1.5 1.5 0 1 1 2.6 1c-.6.6-1.1.900-1.1 1.7',
	headphones: 'M2.5 10.5V8.5a5.5 5.5 0 0 1 11 0v2M2.5 9.5h2v4h-1a1 1 0 0 1-1-1zM13.5 9.5h-2v4h1a1 1 0 0 0 1-1z',
	volume: 'M2.5 6v4h2.3L8.5 13V3L4.8 6zM11 6a2.8 2.8 0 0 1 0 4M12.8 4.2a5.4 5.4 0 0 1 0 7.6',
	muted: 'M2.5 6v4h2.3L8.5 13V3L4.8 6zM11 6.2l3.5 3.6M14.5 6.2L11 9.8',
	microphone: 'M8 1.8a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0v-4a2 2 0 0 1 2-2zM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.7v2.5',
	silenced:
		'M6 4V3.8a2 2 0 0 1 4 0v4M6 7v.8a2 2 0 0 0 2.8 1.8M3.8 7.5a4.2 4.2 0 0 0 6.4 3.6M12.2 7.5c0 .6-.1 1.1-.3 1.6M8 11.7v2.5M2 2l12 12',
	copy: 'M5.5 5.5V3a1 1 0 0 1 1-1H13a1 1 0 0 1 1 1v6.5a1 1 0 0 1-1 1h-2.5M3 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1z',
	check: 'M3 8.5l3.2 3.2L13 4.8',
	cross: 'M4 4l8 8M12 4l-8 8',
	back: 'M9.5 3.5L5 8l4.5 4.5',
	down: 'M4 6.2L8 10l4-3.8',
	more: 'M2.8 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M7.5 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M12.2 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0',
	reply: 'M6.5 3.5L2.5 7.5l4 4M2.5 7.5h6.5a4.5 4.5 0 0 1 4.5 4.5v.8',
	chain:
		'M6.7 9.3a2.7 2.7 0 0 0 3.8 0l2.2-2.2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.3 6.7a2.7 2.7 0 0 0-3.8 0L3.3 8.900a2.7 2.7 0 0 0 3.8 3.8l.8-.8',
	keyboard: 'M2 4.5h12v7.5H2zM4.5 7h.01M7 7h.01M9.3 7h.01M11.6 7h.01M5.2 9.7h5.6',
	notice: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.2v4M8 4.9v.01',
	invite:
		'M6.5 7.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM1.8 13.7c.2-2.7 2-4.2 4.7-4.2s4.5 1.5 4.7 4.2M12.5 4.5v4.4M10.3 6.7h4.4',
	line: 'M4 2.5h2l1.2 3-1.5 1.2c.7 1.5 1.9 2.8 3.5 3.6l1.3-1.5 3 1.2v2c0 .9-.7 1.5-1.5 1.5C7.2 13.3 2.7 8.8 2.5 4A1.5 1.5 0 0 1 4 2.5z',
	onlyMe: 'M4 7.2h8v6.3H4zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2',
	leadership:
		'M5.8 7.3a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM1.8 13c.2-2.4 1.7-3.7 4-3.7s3.8 1.3 4 3.7M10.6 3a2.2 2.2 0 0 1 0 4.2M11.8 9.5c1.5.4 2.3 1.6 2.4 3.5',
	team: 'M8 7a2.2 2.2 0 1 0 0-4.4A2.2 2.2 0 0 0 8 7zM4.3 13.2c.2-2.5 1.5-3.9 3.7-3.9s3.5 1.4 3.7 3.9M3.6 7.6a1.6 1.6 0 1 1 .5-3M12.4 7.6a1.6 1.6 0 1 0-.5-3M1.3 12c.1-1.5.8-2.5 2-2.9M14.7 12c-.1-1.5-.8-2.5-2-2.9',
	observation: 'M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
	pinhole: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z',
	suggestion: 'M6 11.7h4M6.5 14h3M5.9 11.7c-.1-1.7-2-2.6-2-5.3a4.1 4.1 0 0 1 8.2 0c0 2.7-1.9 3.6-2 5.3',
	praise: 'M8 13.3C4.5 10.7 2.3 8.7 2.3 6.2A3 3 0 0 1 8 4.9a3 3 0 0 1 5.7 1.3c0 2.5-2.2 4.5-5.7 7.1z',
	question: 'M5.5 6.2A2.5 2.5 0 1 1 8 8.7v1.6M8 13v.01',
	commitment: 'M3.5 14V2.5M3.5 3h8.5l-1.8 2.8L12 8.5H3.5',
	survey: 'M2.5 3h11v7.5h-6l-3 2.7v-2.7h-2zM5.3 6.8h.01M8 6.8h.01M10.7 6.8h.01',
	search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2',
	record: 'M3.5 2.5h9v11h-9zM5.8 5.5h4.4M5.8 8h4.4M5.8 10.5h2.4',
	results: 'M2.5 13.5h11M4 11V7.5M8 11V3M12 11V5.5',
	print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z',
	out: 'M9.5 2.5H3.5v11h6M7 8h6.5M11 5.5L13.5 8 11 10.5',
	save: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13.5h10',
} as const;

export type IconName = keyof typeof paths;

/** Hidden from screen readers: the word beside it says the same. */
export const Icon = ({ name }: { name: IconName }) => (
	<svg className="icon" viewBox="0 0 16 16" aria-hidden="true" fill="none">
		<path d={paths[name]} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
	</svg>
);

/** The mark: two leads that become one cord. */
export const Mark = () => (
	<svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
		<rect width="32" height="32" rx="9" fill="var(--accent-fill)" />
		<path
			d="M9 8v3.5c0 4 7 4 7 8.5V25M23 8v3.5c0 4-7 4-7 8.5"
			fill="none"
			stroke="#fff"
			strokeWidth="2.6"
			strokeLinecap="round"
		/>
		<circle cx="9" cy="8" r="2.6" fill="#fff" />
		<circle cx="23" cy="8" r="2.6" fill="#fff" />
	</svg>
);
