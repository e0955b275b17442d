import { useId, useState } from 'react';

interface PasswordFieldNeeds {
	password: string;
	setPassword: (password: string) => void;
	autoComplete: 'current-password' | 'new-password';
	/** What a new one has to be. */
	note?: string;
	least?: number;
}

/** A password, hidden until its writer wants to see it. */
export function PasswordField({ password, setPassword, autoComplete, note, least }: PasswordFieldNeeds) {
	const [isShown, setShown] = useState(false);
	const id = useId();
	return (
		<div className="field">
			<label htmlFor={id}>Password</label>
			<div className="sign-in-password">
				<input
					id={id}
					className="input"
					type={isShown ? 'text' : 'password'}
					autoComplete={autoComplete}
					autoCapitalize="none"
					spellCheck={false}
					required
					minLength={least}
					maxLength={400}
					value={password}
					onChange={(event) => setPassword(event.target.value)}
					aria-describedby={note ? `${id}-note` : undefined}
				/>
				<button type="button" className="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
					{isShown ? 'Hide' : 'Show'}
					<span className="unseen"> the password</span>
				</button>
			</div>
			{note && (
				<p id={`${id}-note`} className="faint">
					{note}
				</p>
			)}
		</div>
	);
}
