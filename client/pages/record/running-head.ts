import { useEffect } from 'react';

/** Text as it stands in a style sheet, whatever is in it. */
const quoted = (text: string) =>
	`"${text.replace(/["\\\n\r\f]/g, (sign) => `\\${sign.codePointAt(0)?.toString(16)} `)}"`;

/** What stands over each printed page, where the browser prints margins that a page names. */
export function useRunningHead(text: string) {
	useEffect(() => {
		const sheet = new CSSStyleSheet();
		try {
			sheet.insertRule(`@page { @top-left { content: ${quoted(text)} } }`);
		} catch {
			// A browser that knows no page margins prints its own head, which has the page's title.
			return;
		}
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
		return () => {
			document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
		};
	}, [text]);
}
