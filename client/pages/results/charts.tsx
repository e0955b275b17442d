import type { ReactNode } from 'react';
import type { Measured, QuestionResult } from '#shared/survey-results.ts';

/** What a bar stands for; colour and hatching only repeat the word beside it. */
export type Tone = 'good' | 'middle' | 'bad' | 'plain';

const percent = (part: number) => `${Math.round(part * 10_000) / 100}%`;

/** A bar as long as its part of the whole. Drawn, so that it is printed too. */
export const PartBar = ({ part, tone = 'plain' }: { part: number; tone?: Tone }) => (
	<svg className="part-bar" aria-hidden="true">
		<rect className="part-ground" width="100%" height="100%" rx="3" />
		{part > 0 && <rect className={`part ${tone}`} width={percent(Math.max(part, 0.006))} height="100%" rx="3" />}
	</svg>
);

/**
 * A value with its interval on a line from `least` to 1: the interval as a band, the value as a mark, and above it, where
 * given, what it is the difference of, to the left and right of zero.
 */
export function IntervalLine(needs: { measured: Measured; least: -1 | 0; bars?: { left: number; right: number } }) {
	const { measured, least, bars } = needs;
	const x = (value: number) => percent((value - least) / (1 - least));
	const width = (from: number, to: number) => percent((to - from) / (1 - least));
	return (
		<svg className={bars ? 'interval with-bars' : 'interval'} aria-hidden="true">
			{bars && (
				<>
					<rect className="part bad" x={x(-bars.left)} width={width(0, bars.left)} y="0" height="14" rx="3" />
					<rect className="part good" x={x(0)} width={width(0, bars.right)} y="0" height="14" rx="3" />
				</>
			)}
			<g transform={`translate(0 ${bars ? 20 : 0})`}>
				<rect className="interval-line" width="100%" y="8" height="2" rx="1" />
				<rect
					className="interval-band"
					x={x(measured.low)}
					width={width(measured.low, measured.high)}
					y="4"
					height="10"
					rx="5"
				/>
				<circle className="interval-mark" cx={x(measured.value)} cy="9" r="6" />
			</g>
			{least === -1 && <line className="interval-zero" x1={x(0)} x2={x(0)} y1="0" y2="100%" />}
		</svg>
	);
}

/** A column for each key of a scale, as high as it was pressed often. */
export function Columns({ choices, toneOf }: { choices: QuestionResult['choices']; toneOf: (value: string) => Tone }) {
	const most = Math.max(1, ...choices.map(({ count }) => count));
	return (
		<div className="columns" aria-hidden="true">
			{choices.map(({ value, count }) => (
				<div key={value} className="column">
					<span className="column-count numerals">{count > 0 ? count : ''}</span>
					<svg className="column-bar" aria-hidden="true">
						<rect
							className={`part ${count > 0 ? toneOf(value) : 'none'}`}
							width="100%"
							height={count > 0 ? percent(count / most) : '2'}
							rx="3"
						/>
					</svg>
					<span className="column-key numerals">{value}</span>
				</div>
			))}
		</div>
	);
}

/** What a chart shows, once more as a table: for whoever reads rather than looks. */
export const TableTwin = ({
	caption,
	head,
	children,
}: {
	caption: string;
	head: readonly string[];
	children: ReactNode;
}) => (
	<details className="table-twin">
		<summary>As a table</summary>
		<table className="figures-table">
			<caption className="unseen">{caption}</caption>
			<thead>
				<tr>
					{head.map((word) => (
						<th key={word} scope="col">
							{word}
						</th>
					))}
				</tr>
			</thead>
			<tbody className="numerals">{children}</tbody>
		</table>
	</details>
);
