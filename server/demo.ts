import { v7 as uuidV7 } from 'uuid';
import type { House } from '#server/app.ts';
import { CannotStart } from '#server/cannot-start.ts';
import type { Config } from '#server/config.ts';
import { loadRecording, shippedRecording } from '#server/telephony/rehearsal/recording.ts';
import { rehearsal } from '#server/telephony/rehearsal/rehearsal.ts';

/** What a demo can be told. */
export interface DemoOptions {
	/** WAV files to play in place of the shipped call. */
	files?: { customer: string; agent: string };
}

/** How long the printed links sign somebody in: a working day, and never after the server has stopped. */
const linkMs = 12 * 60 * 60_000;

/** Puts the rehearsal call on the line, invites the demo executive, and prints a link for each role. Gives back what stops it. */
export async function startDemo(app: House, config: Config, { files }: DemoOptions): Promise<() => Promise<void>> {
	const { access, clock, people, ask, intake } = app;
	const [agent] = people.withRole('agent');
	const [executive] = people.withRole('executive');
	// People of one's own may have none.
	const [administrator] = people.withRole('administrator');
	const [supervisor] = people.withRole('supervisor').filter(({ team }) => team === agent?.team);
	if (!agent || !executive || !supervisor)
		throw new CannotStart('A demo needs an agent, an executive and a supervisor of the agent’s team among the people.');
	const recording = files ? await loadRecording(files) : await shippedRecording();
	const playing = rehearsal({
		intake,
		recording,
		agentId: agent.id,
		label: recording.title,
		platformId: uuidV7(),
		clock,
		loop: true,
	});
	const { result } = await ask.person(agent, playing.callId, {
		type: 'invite',
		listeningId: uuidV7(),
		executiveId: executive.id,
	});
	const link = (personId: string) => {
		const secret = access.mintLink(personId, { nowMs: clock.now(), expiresAtMs: clock.now() + linkMs });
		return `${app.address()}/enter/${secret}`;
	};
	const links = {
		Agent: link(agent.id),
		Executive: `${app.address()}${result?.invitationPath ?? '/'}`,
		Supervisor: link(supervisor.id),
		...(administrator ? { Administrator: link(administrator.id) } : {}),
	};
	process.stdout.write(greeting(links, config));
	return async () => {
		await playing.close();
		for (const one of [agent, executive, supervisor, administrator]) if (one) access.revokeLinks(one.id);
	};
}

const greeting = (links: Record<string, string>, config: Config) => `
  Ycord is on the line. A rehearsal call is playing: demo people, recorded voices.
  Open each link in a tab of its own. Start with the executive's: one click, and you hear the call.

${Object.entries(links)
	.map(([who, url]) => `    ${who.padEnd(13)}  ${url}`)
	.join('\n')}

  The executive's is an invitation: one browser, within the hour. The others work until this server stops.
  Data: ${config.data}   Log: ${config.data}/ycord.log
  Ctrl-C to hang up.

`;
