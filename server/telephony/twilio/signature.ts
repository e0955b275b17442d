import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What Twilio writes into `X-Twilio-Signature` when it opens a media stream or posts a form: HMAC-SHA1 over the URL exactly
 * as it was given to Twilio, for a form with its fields behind it, base64. (www.twilio.com/docs/usage/webhooks/webhooks-security)
 */
export const twilioSignature = (authToken: string, url: string) =>
	createHmac('sha1', authToken).update(url).digest('base64');

/** What is signed when Twilio posts a form: the URL with its query, then the fields by name, each with its value behind it. */
export const signedForm = (url: string, form: URLSearchParams) =>
	[...form].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).reduce((text, [name, value]) => text + name + value, url);

/** True if one of the tokens signed one of the URLs. Takes as long for a wrong signature as for a right one. */
export function isSigned(given: string, urls: readonly string[], authTokens: readonly string[]): boolean {
	const got = Buffer.from(given);
	let signed = false;
	for (const token of authTokens)
		for (const url of urls) {
			const expected = Buffer.from(twilioSignature(token, url));
			if (expected.length === got.length && timingSafeEqual(expected, got)) signed = true;
		}
	return signed;
}

/**
 * The ways a stream's URL may have been given to Twilio, from this server's public address; never from the Host header,
 * which is the caller's own word. On a local trial without TLS people write `ws://` as well as `wss://`.
 */
export function streamUrls(publicUrl: string, path: string): string[] {
	const { protocol, host } = new URL(publicUrl);
	return (protocol === 'https:' ? ['wss'] : ['ws', 'wss']).map((scheme) => `${scheme}://${host}${path}`);
}
