import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import { noUpgrade } from '#server/http/no-upgrade.ts';

const built = fileURLToPath(new URL('../../dist', import.meta.url));
/** Addresses that are pages; each is answered with the same document, which knows what to show. */
const pageRoutes = [
	'/',
	'/enter/:secret',
	'/sign-in',
	'/welcome/:secret',
	'/agent',
	'/listen',
	'/listen/*',
	'/board',
	'/board/*',
	'/line/:secret',
	'/notes',
	'/record/:callId',
	'/results',
	'/settings/*',
];

/** Serves the built client. */
export const pages: FastifyPluginAsync = async (app) => {
	app.addHook('onRequest', noUpgrade);
	if (!existsSync(built)) {
		for (const route of pageRoutes)
			app.get(route, async (_request, reply) =>
				reply.code(503).type('text/plain').send('The pages are not built yet. Run: npm run build\n'),
			);
		return;
	}
	await app.register(fastifyStatic, {
		root: built,
		index: false,
		wildcard: false,
		setHeaders(reply, path) {
			// Built files carry a hash of their content in their name; the document does not.
			const lasting = path.includes('/assets/');
			reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
		},
	});
	for (const route of pageRoutes) app.get(route, async (_request, reply) => reply.sendFile('index.html'));
	// Whoever mistypes an address gets a page that says so; a program gets the refusal it can read.
	app.get('/*', async (request, reply) =>
		request.headers.accept?.includes('text/html') ? reply.code(404).sendFile('index.html') : reply.callNotFound(),
	);
};
