import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { AnnouncedHere } from '#client/ui/announce.tsx';
import { Icon, Mark } from '#client/ui/icon.tsx';
import { ShortcutList } from '#client/ui/shortcut-list.tsx';
import { shortcutsHere, useKeys, useShortcuts } from '#client/ui/use-shortcuts.ts';
import '#client/ui/frame.css';

interface FrameNeeds {
	/** What this page is, beside the mark. */
	title: string;
	/** Who is signed in here. */
	who?: string | undefined;
	demo?: boolean | undefined;
	/** Whether this page has keys of its own. */
	keys?: boolean;
	/** Where notes are searched from here; `apart` where leaving this page would cost the sound of a call. */
	search?: { href: string; apart?: boolean } | undefined;
	/** False where a stray press on the mark would cost a call. */
	home?: boolean;
	/** Something about this person's work that stands in the head. */
	aside?: ReactNode;
	/** Signs whoever it is out. */
	out?: ReactNode;
	/** Something about the connection that stands above everything. */
	banner?: ReactNode;
	/** A narrow page: reading width, in the middle. */
	narrow?: boolean;
	children: ReactNode;
}

/** What every page stands in: skip link, header, main, and the place from which things are announced. */
export function Frame({
	title,
	who,
	demo,
	keys,
	search,
	home = true,
	aside,
	out,
	banner,
	narrow,
	children,
}: FrameNeeds) {
	const [showsKeys, setShowsKeys] = useState(false);
	useKeys();
	const [, go] = useLocation();
	const find = () => (search?.apart ? open(search.href, '_blank', 'noopener') : search && go(search.href));
	useShortcuts([
		...(search ? [{ keys: ['/'], says: 'Search the notes', does: find }] : []),
		...(keys ? [{ keys: ['?'], says: 'Show this list', does: () => setShowsKeys(true) }] : []),
	]);
	return (
		<>
			<a className="skip button first" href="#main">
				Skip to the content
			</a>
			<header className="top">
				{home ? (
					<Link href="/" className="home" aria-label="Ycord, start page">
						<Mark />
						<span>Ycord</span>
					</Link>
				) : (
					<span className="home">
						<Mark />
						<span>Ycord</span>
					</span>
				)}
				<span className="top-title">{title}</span>
				<span className="top-space" />
				{aside}
				{demo && (
					<span className="demo">
						<b>Demo</b>
						<span className="demo-more"> · demo people and a recorded call</span>
					</span>
				)}
				{who && <span className="who">{who}</span>}
				{search && (
					<Link
						href={search.href}
						className="button plain small search-way"
						title="Search the notes"
						{...(search.apart ? { target: '_blank', rel: 'noopener' } : {})}
					>
						<Icon name="search" />
						<span className="unseen">Search the notes{search.apart ? ', in a new tab' : ''}</span>
					</Link>
				)}
				{keys && (
					<button type="button" className="button plain small keys-button" onClick={() => setShowsKeys(true)}>
						<Icon name="keyboard" />
						<span className="unseen">Keyboard shortcuts</span>
					</button>
				)}
				{out}
			</header>
			{banner}
			<main id="main" tabIndex={-1} className={narrow ? 'main narrow' : 'main'}>
				{children}
			</main>
			{showsKeys && <ShortcutList shortcuts={shortcutsHere()} onClose={() => setShowsKeys(false)} />}
			<AnnouncedHere />
		</>
	);
}

/** A page that only says something: why it cannot go on, and what to do. */
export function Plain({ title, children, icon }: { title: string; children: ReactNode; icon?: ReactNode }) {
	return (
		<div className="plain-page stack">
			{icon}
			<h1>{title}</h1>
			{children}
		</div>
	);
}
