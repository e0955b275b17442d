import { Icon } from '#client/ui/icon.tsx';

/** Why it did not work; the place is there before the words, so that they are read out. */
export const Fault = ({ text }: { text: string | undefined }) => (
	<div role="alert">
		{text && (
			<p className="sign-in-fault">
				<Icon name="notice" />
				<span>{text}</span>
			</p>
		)}
	</div>
);
