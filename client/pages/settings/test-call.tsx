import { useState } from 'react';
import { dbfsWords, onBar, orderWords } from '#client/pages/settings/gateway-words.ts';
import { testCall } from '#client/rest/rest.ts';
import { useAsking } from '#client/session/asking.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { GatewayView, TestCallResult } from '#shared/gateways.ts';

/** Runs a known signal through the whole path, and draws what was heard. */
export function TestCall({ gateway, tested }: { gateway: GatewayView; tested: () => void }) {
	const { name, title, canTest } = gateway;
	const [result, setResult] = useState<TestCallResult>();
	const { busy, fault, run } = useAsking();
	const test = () =>
		run(async () => {
			setResult(undefined);
			const found = await testCall(name);
			setResult(found);
			announce(found.passed ? 'The test call passed.' : `The test call failed. ${found.why ?? ''}`);
			tested();
		});
	if (!canTest) return <p className="faint">There is no test call for this platform yet: make a real one.</p>;
	return (
		<section className="gateway-test" aria-busy={busy}>
			<div className="row">
				<button type="button" className="button" onClick={test} aria-disabled={busy}>
					<Icon name="line" />
					{busy ? 'Listening…' : 'Test call'}
					<span className="unseen"> to {title}</span>
				</button>
				<p className="faint">
					Ycord plays the platform to its own door and listens, for about four seconds. No call is disturbed, nobody
					sees it.
				</p>
			</div>
			{fault && (
				<p className="gateway-fault" role="alert">
					{fault}
				</p>
			)}
			{result && <Heard result={result} />}
		</section>
	);
}

const legWord = { customer: 'Customer', agent: 'Agent' } as const;

function Heard({ result }: { result: TestCallResult }) {
	const { passed, why, legs, order, delayMs, sentMs, heardMs } = result;
	return (
		<div className="heard" data-passed={passed}>
			<p className="heard-word">
				<Icon name={passed ? 'check' : 'cross'} />
				<b>{passed ? 'Heard, as it was sent.' : 'This did not work.'}</b>
			</p>
			{why && <p>{why}</p>}
			{legs.length > 0 && (
				<>
					<dl className="heard-legs">
						{legs.map(({ leg, sentDbfs, heardDbfs }) => (
							<div key={leg} className={leg}>
								<dt>{legWord[leg]}</dt>
								<dd>
									<div className="level" aria-hidden="true">
										{heardDbfs !== undefined && (
											<span className="level-heard" style={{ inlineSize: `${onBar(heardDbfs) * 100}%` }} />
										)}
										<span className="level-sent" style={{ insetInlineStart: `${onBar(sentDbfs) * 100}%` }} />
									</div>
									<span className="numerals">{heardDbfs === undefined ? 'not heard' : dbfsWords(heardDbfs)}</span>
								</dd>
							</div>
						))}
					</dl>
					<p className="faint">The mark is how loud it was sent: {dbfsWords(legs[0]?.sentDbfs ?? 0)}.</p>
					<dl className="heard-facts">
						<div>
							<dt>Order</dt>
							<dd>{orderWords[order]}</dd>
						</div>
						<div>
							<dt>Delay</dt>
							<dd className="numerals">
								{delayMs === undefined ? 'unknown' : `${Math.round(delayMs)} ms from sent to heard`}
							</dd>
						</div>
						<div>
							<dt>Heard</dt>
							<dd className="numerals">
								{(heardMs / 1000).toFixed(1)} of {(sentMs / 1000).toFixed(1)} s
							</dd>
						</div>
					</dl>
				</>
			)}
			<p className="faint">
				This is Ycord’s own side. Whether the platform has the same address and key, only a call from there can tell.
			</p>
		</div>
	);
}
