import { type Static, Type } from 'typebox';

/** What a person can be to a call. */
export const callRoles = ['agent', 'executive', 'supervisor'] as const;
export type CallRole = (typeof callRoles)[number];
/** What a person can be here. An administrator sets Ycord up, and by that role hears no call, sees no note, writes none. */
export const roles = [...callRoles, 'administrator'] as const;
export const Role = Type.Enum([...roles]);
export type Role = (typeof roles)[number];

/** Somebody who can take part, as others see them. */
export const Person = Type.Object(
	{
		id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' }),
		name: Type.String({ minLength: 1, maxLength: 80 }),
		role: Role,
		team: Type.String({ minLength: 1, maxLength: 80 }),
	},
	{ additionalProperties: false },
);
export type Person = Static<typeof Person>;
