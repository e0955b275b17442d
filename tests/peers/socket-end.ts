/** How a WebSocket ended, in words. */
export const socketEnd = ({ code, reason }: { code: number; reason: string }) => `${code}${reason && ` ${reason}`}`;
