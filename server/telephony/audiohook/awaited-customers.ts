import type { FromSurvey, SurveyLine } from '#server/telephony/audiohook/connector.ts';

/** The customers who are about to be handed to an executive, by their conversation. One a call at most. [B1] */
export interface AwaitedCustomers {
	/** Gives back what no longer waits. */
	expect(conversationId: string, opened: (line: SurveyLine) => FromSurvey): () => void;
	/** What waits for this conversation's customer; once. */
	claim(conversationId: string): ((line: SurveyLine) => FromSurvey) | undefined;
}

export function awaitedCustomers(): AwaitedCustomers {
	const awaited = new Map<string, (line: SurveyLine) => FromSurvey>();
	return {
		expect(conversationId, opened) {
			awaited.set(conversationId, opened);
			return () => {
				if (awaited.get(conversationId) === opened) awaited.delete(conversationId);
			};
		},
		claim(conversationId) {
			const opened = awaited.get(conversationId);
			awaited.delete(conversationId);
			return opened;
		},
	};
}
