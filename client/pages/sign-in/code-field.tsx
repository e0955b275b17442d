import { type RefObject, useId } from 'react';

interface CodeFieldNeeds {
	field?: RefObject<HTMLInputElement | null>;
	code: string;
	setCode: (code: string) => void;
}

/** Six digits; what an authenticator puts between them is overlooked. */
export function CodeField({ field, code, setCode }: CodeFieldNeeds) {
	const id = useId();
	return (
		<div className="field">
			<label htmlFor={id}>Code</label>
			<input
				ref={field}
				id={id}
				className="input numerals sign-in-code"
				autoComplete="one-time-code"
				inputMode="numeric"
				required
				pattern="\d{6}"
				title="Six digits"
				value={code}
				onChange={(event) => setCode(event.target.value.replace(/\D/g, '').slice(0, 6))}
			/>
		</div>
	);
}
