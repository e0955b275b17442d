import type { CSSProperties } from 'react';
import '#client/ui/range.css';

interface RangeNeeds {
	label: string;
	min: number;
	max: number;
	step: number;
	value: number;
	/** The value in words. */
	says: string;
	change: (value: number) => void;
	/** Where the filled part begins; the left end unless said. */
	from?: number;
	disabled?: boolean;
}

/** A slider: the browser's own, so that arrows, Home and End work, filled up to the thumb. */
export function Range({ label, min, max, step, value, says, change, from = min, disabled = false }: RangeNeeds) {
	const at = (one: number) => `${((one - min) / (max - min)) * 100}%`;
	const fill = { '--fill-from': at(Math.min(from, value)), '--fill-to': at(Math.max(from, value)) } as CSSProperties;
	return (
		<input
			type="range"
			className="range"
			style={fill}
			aria-label={label}
			aria-valuetext={says}
			min={min}
			max={max}
			step={step}
			value={value}
			disabled={disabled}
			onChange={(event) => change(event.target.valueAsNumber)}
		/>
	);
}
