import { writeFileSync } from 'node:fs';
import { asyncApiText } from '#server/protocol/asyncapi.ts';

// `npm run protocol`: puts the document beside the other ones; a test fails when it is not what the schemas give.
writeFileSync(new URL('../../docs/asyncapi.json', import.meta.url), asyncApiText());
