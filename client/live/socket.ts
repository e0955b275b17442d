/** The part of a browser's WebSocket that is used here; a test's stand-in fits too. */
export interface Socket {
	binaryType: BinaryType;
	/** Bytes given to `send` that are still in this device. */
	readonly bufferedAmount: number;
	onopen: ((event: Event) => void) | null;
	onmessage: ((event: MessageEvent<unknown>) => void) | null;
	onclose: ((event: CloseEvent) => void) | null;
	send(message: string | Uint8Array<ArrayBuffer>): void;
	close(code?: number, reason?: string): void;
}

/** Opens a socket to an absolute `ws:` or `wss:` address. */
export type OpenSocket = (url: string) => Socket;

export const browserSocket: OpenSocket = (url) => new WebSocket(url) as Socket;

/** The address of a socket of this site: `path` begins with a slash. */
export function socketUrl(path: string): string {
	return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`;
}
