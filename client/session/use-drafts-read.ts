import { useEffect, useState } from 'react';
import { loadDrafts } from '#client/session/drafts.ts';

/** Whether it is known what this person was typing before the page was loaded again. */
export function useDraftsRead(personId: string): boolean {
	const [read, setRead] = useState<string>();
	useEffect(() => {
		let left = false;
		void loadDrafts(personId).then(() => left || setRead(personId));
		return () => {
			left = true;
		};
	}, [personId]);
	return read === personId;
}
