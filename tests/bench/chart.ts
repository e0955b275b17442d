/** One bar: whose it is, how long, and within what the rounds lay. */
export interface Bar {
	label: string;
	value: number;
	range?: readonly [number, number];
	/** Ours: stands out. */
	isOurs: boolean;
}

/** Bars that are compared with each other, on a scale of their own from 0. */
export interface BarGroup {
	title: string;
	unit: string;
	bars: readonly Bar[];
}

const width = 720;
const labelWidth = 190;
const barWidth = 400;
const barHeight = 18;
const rowHeight = 26;
const titleHeight = 40;
const headHeight = 44;

/** A bar chart as SVG, without scripts, fonts or anything else from outside; its colours follow the reader's light or dark. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
	const shown = groups.filter(({ bars }) => bars.length > 0);
	const parts: string[] = [];
	let top = headHeight;
	for (const group of shown) {
		parts.push(`<text class="group" x="16" y="${top + 24}">${escaped(`${group.title}, ${group.unit}`)}</text>`);
		top += titleHeight;
		const most = Math.max(...group.bars.map(({ value, range }) => Math.max(value, range?.[1] ?? 0)), Number.MIN_VALUE);
		for (const bar of group.bars) {
			parts.push(row(bar, top, barWidth / most));
			top += rowHeight;
		}
	}
	const height = top + 16;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
	svg { color-scheme: light dark; font: 13px system-ui, sans-serif; --paper: #fff; --ink: #1b1f24; --faint: #57606a; --ours: #0b6bcb; --others: #aab4be; }
	@media (prefers-color-scheme: dark) { svg { --paper: #14181d; --ink: #e6edf3; --faint: #9aa5b1; --ours: #58a6ff; --others: #4d5864; } }
	.paper { fill: var(--paper); } text { fill: var(--ink); } .title { font-size: 17px; font-weight: 600; } .group { font-weight: 600; }
	.value { fill: var(--faint); } .ours { fill: var(--ours); } .others { fill: var(--others); } .range { stroke: var(--ink); stroke-width: 1.5; }
</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="16" y="30">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`;
}

function row({ label, value, range, isOurs }: Bar, top: number, scale: number): string {
	const length = (of: number) => Math.max(1, Math.round(of * scale * 10) / 10);
	const middle = top + barHeight / 2;
	const [from, to] = range ?? [value, value];
	const whisker =
		to > from
			? `<line class="range" x1="${labelWidth + length(from)}" x2="${labelWidth + length(to)}" y1="${middle}" y2="${middle}"/>`
			: '';
	const end = labelWidth + length(Math.max(value, to)) + 8;
	return `<text x="${labelWidth - 10}" y="${middle + 5}" text-anchor="end">${escaped(label)}</text><rect class="${isOurs ? 'ours' : 'others'}" x="${labelWidth}" y="${top}" width="${length(value)}" height="${barHeight}" rx="2"/>${whisker}<text class="value" x="${end}" y="${middle + 5}">${escaped(inDigits(value))}</text>`;
}

const inDigits = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 });
const escaped = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
