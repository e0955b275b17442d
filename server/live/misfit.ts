import { Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { SessionCommand } from '#shared/call.ts';
import { Asking, Look, Ping, Unwatch, Watch, Writing } from '#shared/live.ts';

type Fields = Record<string, unknown>;

const envelope = Compile(
	Type.Object({ ...Asking.properties, command: Type.Object({}) }, { additionalProperties: false }),
);
const commands = new Map<unknown, Validator>(
	SessionCommand.anyOf.map((one) => [one.properties.type.const, Compile(one)]),
);
const watches = new Map<unknown, Validator>(Watch.anyOf.map((one) => [one.properties.view.const, Compile(one)]));
const others = new Map<unknown, Validator>([
	['ping', Compile(Ping)],
	['unwatch', Compile(Unwatch)],
	['writing', Compile(Writing)],
	['look', Compile(Look)],
]);

/** More fields than any message of ours has are not looked through: that would take longer than it took to send them. */
const maxFields = 20;

/**
 * Where a message of a known type does not fit: `ask/command/text`, or the type alone. Only the schema it was meant for is
 * asked; the errors of a whole union begin with those of its first part, and cost as much as all of them together.
 */
export function misfit(message: Fields): string {
	const { type, view, command } = message;
	if (type !== 'ask') return `${type}${firstProblem(others.get(type) ?? watches.get(view), message)}`;
	const outside = firstProblem(envelope, message);
	if (outside || !isFields(command)) return `ask${outside}`;
	return `ask/command${firstProblem(commands.get(command.type), command)}`;
}

function firstProblem(schema: Validator | undefined, fields: Fields): string {
	if (!schema || Object.keys(fields).length > maxFields) return '';
	const [problem] = schema.Errors(fields);
	if (problem?.keyword === 'required') return ` without ${problem.params.requiredProperties.join(', ')}`;
	return problem?.instancePath ?? '';
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
