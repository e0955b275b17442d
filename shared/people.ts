import { type Static, Type } from 'typebox';

/** What a person is to a call. An administrator comes with sign-in. */
export const roles = ['agent', 'executive', 'supervisor'] as const;
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
