/** Rings alarms for the page from a thread of its own: `[id, ms]` sets one, `id` comes back when it is due. */
interface AlarmScope {
	onmessage: ((event: MessageEvent<[id: number, ms: number]>) => void) | null;
	postMessage(id: number): void;
}
const scope = globalThis as unknown as AlarmScope;
scope.onmessage = ({ data: [id, ms] }) => {
	setTimeout(() => scope.postMessage(id), ms);
};
