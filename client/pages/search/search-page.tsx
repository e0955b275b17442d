import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useStore } from '#client/live/use-store.ts';
import { type Asked, askedIn, askedParts, isAsked, tagTyped } from '#client/pages/search/asked.ts';
import { type Found, finding } from '#client/pages/search/finding.ts';
import { FoundList } from '#client/pages/search/found-list.tsx';
import { findNotes } from '#client/rest/rest.ts';
import { homeOf, inSomeRole, roleIn } from '#client/rest/ways.ts';
import { kindsInOrder } from '#client/session/note-words.ts';
import { SignOut } from '#client/session/sign-out.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Role } from '#shared/people.ts';
import '#client/pages/search/search.css';

/** How long nobody types before it is looked for. */
const pauseMs = 150;

const soon = (run: () => void) => {
	const timer = setTimeout(run, pauseMs);
	return () => clearTimeout(timer);
};

/** What stood here when a result was opened: Back finds it as it was. */
let left: { address: string; found: Found; opened: string } | undefined;

const addressOf = (asked: Asked, as: Role | undefined) => {
	const parts = new URLSearchParams({ ...askedParts(asked), ...(as && { as }) }).toString();
	return parts ? `/notes?${parts}` : '/notes';
};

/** A search over every note that whoever is signed in may see. What is searched for stands in the address. */
export function SearchPage() {
	const search = useSearch();
	const [, go] = useLocation();
	const role = useRef(roleIn(search));
	const [asked, setAsked] = useState(() => askedIn(search));
	const came = useRef(left?.address === addressOf(asked, role.current) ? left : undefined);
	const [all] = useState(() =>
		finding({
			later: soon,
			kept: came.current?.found,
			ask: async (what, before) => {
				const parts = { ...askedParts(what), ...(before && { before }) };
				const { as, answer } = await inSomeRole(role.current, (one) => findNotes({ ...parts, as: one }));
				role.current = as;
				return answer;
			},
		}),
	);
	const found = useStore(all.found);
	const field = useRef<HTMLInputElement>(null);
	const results = useRef<HTMLDivElement>(null);
	const as = role.current;
	useTabTitle(() => (asked.q.trim() ? `${asked.q.trim()} – search` : 'Search'));

	useEffect(() => {
		const opened = came.current && document.getElementById(`found-${came.current.opened}`);
		if (opened) opened.focus();
		else field.current?.focus();
		const again = () => {
			if (all.found.get().at === 'refused') all.again();
		};
		addEventListener('online', again);
		return () => {
			removeEventListener('online', again);
			all.stop();
		};
	}, [all]);

	// The address follows what is typed, one step behind; an address that somebody else set is followed.
	const written = useRef<string>(undefined);
	useEffect(() => {
		if (`/notes?${search}` === written.current || (search === '' && written.current === '/notes')) return;
		written.current = undefined;
		const next = askedIn(search);
		setAsked(next);
		if (came.current) came.current = undefined;
		else all.look(next, 'now');
	}, [search, all]);
	useEffect(() => {
		return soon(() => {
			const address = addressOf(asked, as);
			if (address === location.pathname + location.search) return;
			written.current = address;
			go(address, { replace: true });
		});
	}, [asked, as, go]);

	const change = (part: Partial<Asked>, now?: 'now') => {
		const next = { ...asked, ...part };
		setAsked(next);
		all.look(next, now);
	};
	const step = (by: 1 | -1) => {
		const links = [...(results.current?.querySelectorAll<HTMLElement>('.found-open') ?? [])];
		const at = links.indexOf(document.activeElement as HTMLElement);
		if (at + by < 0) field.current?.focus();
		else links[Math.min(at + by, links.length - 1)]?.focus();
	};
	const stepped = (event: KeyboardEvent) => {
		if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return;
		if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
		event.preventDefault();
		step(event.key === 'ArrowDown' ? 1 : -1);
	};
	useShortcuts([
		{ keys: ['/'], says: 'Go to the search field', does: () => field.current?.select() },
		{ keys: ['ArrowDown'], says: 'Next note', does: () => step(1) },
		{ keys: ['ArrowUp'], says: 'Note before', does: () => step(-1) },
	]);
	const open = (noteId: string) => {
		left = found.at === 'there' ? { address: addressOf(found.asked, as), found, opened: noteId } : undefined;
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		all.look(asked, 'now');
	};

	return (
		<Frame title="Search" who={as && `as ${as}`} out={as && <SignOut as={as} />} keys>
			{as && (
				<Link href={homeOf[as].href} className="button plain small back-way">
					<Icon name="back" /> {homeOf[as].word}
				</Link>
			)}
			<div className="search stack">
				<h1>Search the notes</h1>
				<search>
					<form className="stack search-form" onSubmit={submit}>
						<div className="search-field">
							<Icon name="search" />
							<input
								ref={field}
								type="search"
								className="input"
								aria-label="Words in the notes"
								placeholder="Words, or how they begin"
								autoComplete="off"
								enterKeyHint="search"
								maxLength={200}
								value={asked.q}
								onChange={(event) => change({ q: event.target.value })}
								onKeyDown={stepped}
							/>
						</div>
						<div className="search-narrow">
							<fieldset className="kind-filter">
								<legend className="unseen">Only this kind</legend>
								{kindsInOrder.map(({ kind, word }) => (
									<button
										key={kind}
										type="button"
										className="filter"
										aria-pressed={asked.kind === kind}
										onClick={() => change({ kind: asked.kind === kind ? undefined : kind }, 'now')}
									>
										<Icon name={kind} />
										{word}
									</button>
								))}
							</fieldset>
							<label className="tag-filter">
								<span aria-hidden="true">#</span>
								<span className="unseen">Only this tag</span>
								<input
									className="input"
									placeholder="tag"
									autoComplete="off"
									autoCapitalize="off"
									spellCheck={false}
									maxLength={40}
									value={asked.tag}
									onChange={(event) => change({ tag: tagTyped(event.target.value) })}
									onKeyDown={stepped}
								/>
							</label>
						</div>
					</form>
				</search>
				{/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows go through the links inside, which have the focus. */}
				<div ref={results} onKeyDown={stepped}>
					<FoundList
						found={found}
						as={as}
						open={open}
						goOn={all.goOn}
						again={all.again}
						widen={
							isAsked({ ...asked, kind: undefined, tag: '' }) && (asked.kind || asked.tag)
								? () => change({ kind: undefined, tag: '' }, 'now')
								: undefined
						}
					/>
				</div>
			</div>
		</Frame>
	);
}
