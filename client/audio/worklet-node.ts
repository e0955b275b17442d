const loaded = new WeakMap<BaseAudioContext, Map<string, Promise<void>>>();

/** A node of a worklet's processor; its file is loaded once for each context. */
export async function workletNode(
	context: BaseAudioContext,
	file: string,
	name: string,
	options: AudioWorkletNodeOptions,
): Promise<AudioWorkletNode> {
	const files = loaded.get(context) ?? new Map<string, Promise<void>>();
	loaded.set(context, files);
	const load = files.get(file) ?? context.audioWorklet.addModule(file);
	files.set(file, load);
	await load;
	return new AudioWorkletNode(context, name, options);
}
