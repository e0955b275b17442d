import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { CodeField } from '#client/pages/sign-in/code-field.tsx';
import { Fault } from '#client/pages/sign-in/fault.tsx';
import { PasswordField } from '#client/pages/sign-in/password-field.tsx';
import { RestRefused, signInWithPassword } from '#client/rest/rest.ts';
import { homeOf } from '#client/rest/ways.ts';
import { useAsking } from '#client/session/asking.ts';
import { announce } from '#client/ui/announce.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame } from '#client/ui/frame.tsx';
import '#client/pages/sign-in/sign-in.css';

/** Name and password, and the code of an authenticator from whoever has one. */
export function SignInPage() {
	useTabTitle(() => 'Sign in');
	const [, go] = useLocation();
	const [name, setName] = useState('');
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const [asksCode, setAsksCode] = useState(false);
	const asking = useAsking();
	const nameField = useRef<HTMLInputElement>(null);
	const codeField = useRef<HTMLInputElement>(null);
	const id = useId();
	useEffect(() => {
		(asksCode ? codeField : nameField).current?.focus();
	}, [asksCode]);

	const submit = (event: FormEvent) => {
		event.preventDefault();
		void asking.run(async () => {
			try {
				const { person } = await signInWithPassword({ name, password, ...(asksCode ? { code } : {}) });
				go(homeOf[person.role].href, { replace: true });
			} catch (error) {
				if (!(error instanceof RestRefused)) throw error;
				if (error.code === 'access.code-needed') {
					setAsksCode(true);
					return announce(error.message);
				}
				if (error.code === 'access.code-wrong') {
					setCode('');
					codeField.current?.focus();
				}
				throw error;
			}
		});
	};
	return (
		<Frame title="Sign in" narrow>
			<form className="sign-in stack" onSubmit={submit}>
				<h1>{asksCode ? 'One more step' : 'Sign in'}</h1>
				{asksCode ? (
					<>
						<p className="soft">Type the code that your authenticator shows for Ycord.</p>
						<CodeField field={codeField} code={code} setCode={setCode} />
					</>
				) : (
					<>
						<div className="field">
							<label htmlFor={id}>Name</label>
							<input
								ref={nameField}
								id={id}
								className="input"
								autoComplete="username"
								autoCapitalize="none"
								spellCheck={false}
								required
								maxLength={80}
								value={name}
								onChange={(event) => setName(event.target.value)}
							/>
						</div>
						<PasswordField password={password} setPassword={setPassword} autoComplete="current-password" />
					</>
				)}
				<Fault text={asking.fault} />
				<button type="submit" className="button first" aria-disabled={asking.busy}>
					{asking.busy ? 'Signing in…' : 'Sign in'}
				</button>
				{asksCode ? (
					<button type="button" className="button plain" onClick={() => setAsksCode(false)}>
						Sign in as somebody else
					</button>
				) : (
					<p className="soft">
						No password yet, or forgotten? Whoever runs Ycord here gives you a link to choose one. Invited to a call?
						Then the link of your invitation is all you need.
					</p>
				)}
			</form>
		</Frame>
	);
}
