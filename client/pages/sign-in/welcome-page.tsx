import { type FormEvent, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Authenticator } from '#client/pages/sign-in/authenticator.tsx';
import { Fault } from '#client/pages/sign-in/fault.tsx';
import { PasswordField } from '#client/pages/sign-in/password-field.tsx';
import { choosePassword, RestRefused, welcome } from '#client/rest/rest.ts';
import { homeOf } from '#client/rest/ways.ts';
import { linkFaultWords, useAsking } from '#client/session/asking.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { once } from '#client/ui/once.ts';
import { usePromise } from '#client/ui/use-promise.ts';
import type { Welcome } from '#shared/rest.ts';
import '#client/pages/sign-in/sign-in.css';

// Asked for once: each answer has another authenticator's secret, and the one that was scanned has to stay.
const welcomeOnce = once(welcome);

/** The link of somebody who is new here, or was reset: they choose a password, and add an authenticator if they want or must. */
export function WelcomePage({ secret }: { secret: string }) {
	useTabTitle(() => 'Choose a password');
	const answer = usePromise(welcomeOnce(secret));
	return (
		<Frame title="Choose a password" narrow demo={answer.at === 'there' && answer.value.demo}>
			{answer.at === 'there' ? (
				<ChooseForm secret={secret} welcome={answer.value} />
			) : answer.at === 'asking' ? (
				<Plain title="Opening your link…">
					<p className="soft">This takes a moment.</p>
				</Plain>
			) : (
				<NotWelcome error={answer.error} />
			)}
		</Frame>
	);
}

function NotWelcome({ error }: { error: unknown }) {
	const mayRetry = error instanceof RestRefused && error.retry;
	return (
		<Plain title={mayRetry ? 'This did not work yet' : 'This link does not open anything'}>
			<p className="soft">{linkFaultWords(error)}</p>
			<p>
				{mayRetry ? (
					<button type="button" className="button first" onClick={() => location.reload()}>
						Try again
					</button>
				) : (
					<a className="button" href="/sign-in">
						Sign in
					</a>
				)}
			</p>
		</Plain>
	);
}

function ChooseForm({ secret, welcome: { person, secondStep, ...given } }: { secret: string; welcome: Welcome }) {
	const [, go] = useLocation();
	const [password, setPassword] = useState('');
	const [withCode, setWithCode] = useState(secondStep === 'required');
	const [code, setCode] = useState('');
	const codeField = useRef<HTMLInputElement>(null);
	const asking = useAsking();
	const id = useId();
	const submit = (event: FormEvent) => {
		event.preventDefault();
		void asking.run(async () => {
			const authenticator = { secret: given.codeSecret, code };
			try {
				const signedIn = await choosePassword({ secret, password, ...(withCode ? { authenticator } : {}) });
				go(homeOf[signedIn.person.role].href, { replace: true });
			} catch (error) {
				if (error instanceof RestRefused && error.code === 'access.code-wrong') {
					setCode('');
					codeField.current?.focus();
				}
				throw error;
			}
		});
	};
	return (
		<form className="sign-in stack" onSubmit={submit}>
			<h1>Welcome, {person.name}</h1>
			<p className="soft">Choose the password with which you sign in from now on. This link works once.</p>
			<div className="field">
				<label htmlFor={id}>Your name for signing in</label>
				<input id={id} className="input" readOnly autoComplete="username" value={person.id} />
			</div>
			<PasswordField
				password={password}
				setPassword={setPassword}
				autoComplete="new-password"
				least={12}
				note="At least 12 characters. A few words of your own are best."
			/>
			{secondStep === 'offered' && (
				<label className="switch">
					<input type="checkbox" checked={withCode} onChange={(event) => setWithCode(event.target.checked)} />
					<span>
						Also ask for a code when I sign in
						<span className="faint">From an authenticator app on your phone. A password alone can be stolen.</span>
					</span>
				</label>
			)}
			{withCode && <Authenticator {...given} field={codeField} code={code} setCode={setCode} />}
			<Fault text={asking.fault} />
			<button type="submit" className="button first" aria-disabled={asking.busy}>
				{asking.busy ? 'Signing in…' : 'Keep it and sign in'}
			</button>
		</form>
	);
}
