// Node strips no types under node_modules, where an installed Ycord lives: on import, do it for this package's own files.
import * as module from 'node:module';

const home = new URL('../../', import.meta.url).href;

// The same stripping is stable when Node does it by itself; only this door to it still announces itself as experimental,
// once, on the first call. That one notice is taken here, and no other.
const { emitWarning } = process;
process.emitWarning = () => {};
module.stripTypeScriptTypes('');
process.emitWarning = emitWarning;

module.registerHooks({
	load(url, context, next) {
		const own = url.startsWith(home) && !url.slice(home.length).includes('node_modules/');
		if (!own || !url.endsWith('.ts')) return next(url, context);
		const { source } = next(url, { ...context, format: 'module' });
		return { format: 'module', source: module.stripTypeScriptTypes(String(source)), shortCircuit: true };
	},
});
