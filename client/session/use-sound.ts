import { useCallback, useEffect, useRef, useState } from 'react';
import { type ListeningSound, listeningContext, openListening } from '#client/audio/listening.ts';
import { keptForm } from '#client/session/sound-form.ts';
import type { Role } from '#shared/people.ts';

/** The sound of one listening in this tab: begun by a click, ended by leaving. */
export interface Sound {
	/** There while it is on, and until the next beginning once it was closed from outside. */
	on: ListeningSound | undefined;
	/** Call it inside the click: only then may a page make sound. `seat` gives the id of the listening to open. */
	begin(seat: () => Promise<string>): Promise<void>;
	stop(): void;
}

export function useSound(role: Role): Sound {
	const [on, setOn] = useState<ListeningSound>();
	const end = useRef(() => {});
	const stop = useCallback(() => {
		end.current();
		end.current = () => {};
		setOn(undefined);
	}, []);
	useEffect(() => () => end.current(), []);
	const begin = useCallback(
		async (seat: () => Promise<string>) => {
			stop();
			const context = listeningContext();
			const close = () => void context.close();
			end.current = close;
			try {
				// Both are asked for within the click; a browser that wants to wait with the sound may.
				const [listeningId] = await Promise.all([seat(), context.resume()]);
				// Left, or begun anew, while the server was asked.
				if (end.current !== close) return;
				const sound = openListening({ listeningId, role, context, form: keptForm() });
				end.current = () => {
					sound.stop();
					close();
				};
				setOn(sound);
			} catch (error) {
				if (end.current === close) stop();
				throw error;
			}
		},
		[role, stop],
	);
	return { on, begin, stop };
}
