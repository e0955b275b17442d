import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = import.meta.dirname;
const server = 'http://127.0.0.1:8080';

/** The client: one page, its code split by screen, every worklet a file of its own. Nothing inline: the policy is `script-src 'self'`. */
export default defineConfig({
	root: here,
	plugins: [react()],
	build: {
		outDir: '../dist',
		emptyOutDir: true,
		// A small asset as a `data:` address would be refused by the content security policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
	worker: { format: 'es' },
	server: {
		proxy: {
			'/api': server,
			'/live': { target: server, ws: true },
			'/sound': { target: server, ws: true },
			'/line/sound': { target: server, ws: true },
		},
	},
});
