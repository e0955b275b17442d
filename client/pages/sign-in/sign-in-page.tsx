import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { wordsOf } from '#client/pages/sign-in/came-back.ts';
import { CodeField } from '#client/pages/sign-in/code-field.tsx';
import { Fault } from '#client/pages/sign-in/fault.tsx';
import { PasswordField } from '#client/pages/sign-in/password-field.tsx';
import { RestRefused, signInWays, signInWithPassword } from '#client/rest/rest.ts';
import { homeOf, roleIn } from '#client/rest/ways.ts';
import { useAsking } from '#client/session/asking.ts';
import { announce } from '#client/ui/announce.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { once } from '#client/ui/once.ts';
import { usePromise } from '#client/ui/use-promise.ts';
import '#client/pages/sign-in/sign-in.css';

const waysOnce = once(() => signInWays());

/** Name and password, and the code of an authenticator from whoever has one. */
export function SignInPage() {
	useTabTitle(() => 'Sign in');
	const [, go] = useLocation();
	// Back from the identity provider: as whom, or with what it said.
	const search = useSearch();
	const back = roleIn(search);
	useEffect(() => {
		if (back) go(homeOf[back].href, { replace: true });
	}, [back, go]);
	const ways = usePromise(waysOnce(''));
	const isProvided = ways.at === 'there' && ways.value.provider;
	const refusedWords = wordsOf(new URLSearchParams(search).get('refused'));
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
	if (back)
		return (
			<Frame title="Sign in" narrow>
				<Plain title="Signing in…">
					<p className="soft">This takes a moment.</p>
				</Plain>
			</Frame>
		);
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
						<Fault text={refusedWords} />
						{isProvided && (
							<>
								<a className="button first" href="/sign-in/provider">
									Sign in with your company account
								</a>
								<p className="sign-in-or">or with a password</p>
							</>
						)}
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
				<button
					type="submit"
					className={isProvided && !asksCode ? 'button' : 'button first'}
					aria-disabled={asking.busy}
				>
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
