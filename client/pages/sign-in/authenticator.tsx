import type { RefObject } from 'react';
import { CodeField } from '#client/pages/sign-in/code-field.tsx';
import type { Welcome } from '#shared/rest.ts';

type AuthenticatorNeeds = Pick<Welcome, 'codeSecret' | 'address' | 'picture'> & {
	field: RefObject<HTMLInputElement | null>;
	code: string;
	setCode: (code: string) => void;
};

/** Margin of a QR code, in modules. (ISO/IEC 18004, 5.3.8) */
const margin = 4;

/** What an authenticator takes, as a picture, a link on the phone itself, and letters; and its first code, which proves that it did. */
export function Authenticator({ codeSecret, address, picture, ...code }: AuthenticatorNeeds) {
	const size = picture.modules + 2 * margin;
	return (
		<section className="card padded stack" aria-labelledby="authenticator">
			<h2 id="authenticator">Add Ycord to your authenticator</h2>
			<div className="sign-in-authenticator">
				<svg
					className="sign-in-picture"
					viewBox={`${-margin} ${-margin} ${size} ${size}`}
					shapeRendering="crispEdges"
					role="img"
					aria-label="A QR code for your authenticator; the same in letters stands beside it"
				>
					<rect x={-margin} y={-margin} width={size} height={size} fill="#ffffff" />
					<path d={picture.path} fill="#000000" />
				</svg>
				<div className="stack">
					<p className="soft">
						Scan the picture, or <a href={address}>open it on this device</a>. Without a camera, type these letters:
					</p>
					<p className="sign-in-secret">{codeSecret.match(/.{1,4}/g)?.join(' ')}</p>
				</div>
			</div>
			<CodeField {...code} />
			<p className="faint">The code that it shows for Ycord now: it changes every half minute.</p>
		</section>
	);
}
