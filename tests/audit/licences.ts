/** Licences (SPDX) of what Ycord ships with: permissive ones. */
export const shippedLicences = [
	'0BSD',
	'Apache-2.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'BlueOak-1.0.0',
	'ISC',
	'MIT',
	'Unlicense',
];
/** Beside these, of tools that build and test it and are not passed on. */
export const toolLicences = ['MPL-2.0'];

/** A package of the lock file; `dev`: not shipped. */
interface Locked {
	license?: string;
	dev?: boolean;
	version?: string;
}

/** Packages whose licence is not among those, by name, with what they say. An `A OR B` is a choice. */
export function wrongLicences(lock: { packages: Readonly<Record<string, Locked>> }): string[] {
	return Object.entries(lock.packages).flatMap(([path, { license = 'none', dev }]) => {
		if (path === '') return [];
		const allowed = dev ? [...shippedLicences, ...toolLicences] : shippedLicences;
		const choices = license.replace(/[()]/g, '').split(' OR ');
		return choices.some((one) => allowed.includes(one)) ? [] : [`${path.replace(/^.*node_modules\//, '')}: ${license}`];
	});
}
