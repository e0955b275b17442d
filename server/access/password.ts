import type { Person } from '#shared/people.ts';

/** Characters of a password, as a person counts them. */
export const passwordLength = { least: 12, most: 200 } as const;

/** Fewer different characters than this are one key held down. */
const leastDifferent = 5;

/**
 * The first that anybody tries who has to type twelve characters: names of keys in a row, words everybody knows, with the
 * year or a digit behind them. Compared without capitals, digits at the end, and signs.
 */
const common = new Set(
	[
		'password passwordpassword passwort passwortpasswort motdepasse motdepassemotdepasse contrasena contraseña',
		'administrator administrateur administrador verwaltung supervisor welcome willkommen bienvenue bienvenido',
		'letmeinletmein letmeinplease iloveyou iloveyouforever ichliebedich jetaime tequieromucho changeme changemenow',
		'qwertyuiop qwertyuiopasdf qwertzuiop qwertzuiopü azertyuiop asdfghjkl qwertyqwerty qwertzqwertz azertyazerty',
		'abcdefghijkl abcdefghijklm abcabcabcabc abcdabcdabcd correcthorsebatterystaple trustnoone whatever',
		'callcenter callcentre contactcenter contactcentre headset telephone customerservice ycord ycordycord',
		'spring summer autumn winter january february september october november december monday football baseball',
	].flatMap((line) => line.split(' ')),
);

/** Rows that are nothing but digits, forwards, backwards or again and again. */
const countedUp = '01234567890123456789';
const countedDown = [...countedUp].reverse().join('');

/** The text that is hashed: however the same letters were typed, it is the same. (NIST SP 800-63B, 3.1.1.2) */
export const plainPassword = (password: string) => password.normalize('NFKC');

/** What is wrong with a new password, as a sentence for whoever chose it; undefined if nothing is. */
export function passwordFault(password: string, { id, name }: Pick<Person, 'id' | 'name'>): string | undefined {
	const text = plainPassword(password);
	const length = [...text].length;
	if (length < passwordLength.least) return `A password has at least ${passwordLength.least} characters.`;
	if (length > passwordLength.most) return `A password has at most ${passwordLength.most} characters.`;
	const words = bare(text);
	const isCounted =
		/^\d+$/.test(text) && (countedUp.includes(text.slice(0, 20)) || countedDown.includes(text.slice(0, 20)));
	if (isCounted || new Set(text).size < leastDifferent || common.has(words))
		return 'This password is one of the first that are tried. Choose another one: a few words of your own are best.';
	if (words !== '' && [bare(id), bare(name)].includes(words)) return 'Your name is no password. Choose another one.';
	return undefined;
}

/** A password without what is put around a word to make it long enough. */
const bare = (text: string) =>
	text
		.toLowerCase()
		.replace(/[\d\W_]+$/u, '')
		.replace(/[^\p{L}\d]/gu, '');
