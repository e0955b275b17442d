/** The body of an INVITE as one make of recorder sends it: the make's order, names and habits, with values of our own. */
export interface RecorderShape {
	make: string;
	contentType: string;
	body: string;
	/** What is to come of it, where addresses at pbx.example.com are agents'. */
	legs: string[];
	agent: string | undefined;
	customer: string | undefined;
	codec: 'pcmu' | 'pcma';
}

const crlf = (text: string) => text.trim().replaceAll('\n', '\r\n');

const stream = (port: number, types: string, label: string, more: string[] = []) => [
	`m=audio ${port} RTP/AVP ${types}`,
	...more,
	'a=sendonly',
	`a=label:${label}`,
];
const events = ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=ptime:20'];
const sdp = (lines: readonly string[], head = ['o=- 7 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0']) =>
	['v=0', ...head, ...lines].join('\n');

/** Addresses are told for each line; a third part is for gateways of its own kind, and no delimiter closes it. */
const cube: RecorderShape = {
	make: 'Cisco CUBE',
	contentType: 'multipart/mixed;boundary=uniqueBoundary',
	body: crlf(`
--uniqueBoundary
Content-Disposition: session;handling=required
Content-Type: application/sdp

${sdp([
	...stream(16_394, '0 101', '1', ['c=IN IP4 192.0.2.9', 'a=rtpmap:0 PCMU/8000', ...events]),
	...stream(16_396, '0 101', '2', ['c=IN IP4 192.0.2.9', 'a=rtpmap:0 PCMU/8000', ...events]),
])}

--uniqueBoundary
Content-Disposition: recording-session
Content-Type: application/rs-metadata+xml

<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
<datamode>complete</datamode>
<session session_id="c2Vzcw=="><sipSessionID>a1;remote=b2</sipSessionID><start-time>2026-11-23T08:00:00.000Z</start-time></session>
<participant participant_id="cDE="><nameID aor="sip:7301@pbx.example.com">
</nameID></participant>
<participantsessionassoc participant_id="cDE=" session_id="c2Vzcw=="><associate-time>2026-11-23T08:00:00.000Z</associate-time></participantsessionassoc>
<stream stream_id="czE=" session_id="c2Vzcw=="><label>1</label></stream>
<participant participant_id="cDI="><nameID aor="sip:+15550100477@sbc.example.com"><name xml:lang="en">0477</name></nameID></participant>
<stream stream_id="czI=" session_id="c2Vzcw=="><label>2</label></stream>
<participantstreamassoc participant_id="cDE="><send>czE=</send><recv>czI=</recv></participantstreamassoc>
<participantstreamassoc participant_id="cDI="><send>czI=</send><recv>czE=</recv></participantstreamassoc>
</recording>

--uniqueBoundary
Content-Disposition: signal;handling=optional
Content-Type: application/gtd

IAM,
GCI,0123
`),
	legs: ['agent', 'customer'],
	agent: '7301',
	customer: '+15550100477',
	codec: 'pcmu',
};

/** The older namespace: `id`, what somebody sends within themselves, and who called as an extension. */
const acme: RecorderShape = {
	make: 'Oracle/Acme Packet',
	contentType: 'multipart/mixed; boundary=unique-boundary-1',
	body: crlf(`
--unique-boundary-1
Content-Type: application/sdp

${sdp([
	...stream(20_106, '8 18 101', '16777227', ['a=rtpmap:8 PCMA/8000', 'a=rtpmap:18 G729/8000', ...events]),
	...stream(20_110, '8 101', '16777228', ['a=rtpmap:101 telephone-event/8000', 'a=maxptime:150']),
])}

--unique-boundary-1
Content-Type: application/rs-metadata+xml
Content-Disposition: recording-session

<?xml version='1.0' encoding='UTF-8'?>
<recording xmlns='urn:ietf:params:xml:ns:recording'>
	<datamode>complete</datamode>
	<session id="c2Vzcw=="><extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:ucid>00FA;encoding=hex</apkt:ucid></extensiondata></session>
	<participant id="cDE=" session="c2Vzcw==">
		<nameID aor="sip:dana@192.0.2.80"><name>dana</name></nameID>
		<send>czE=</send>
		<extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata">
			<apkt:callingParty>false</apkt:callingParty>
			<apkt:header label="Call-ID"><value>1_2@192.0.2.80</value></apkt:header>
		</extensiondata>
	</participant>
	<participant id="cDI=" session="c2Vzcw==">
		<nameID aor="sip:15550100477@192.0.2.81"></nameID>
		<send>czI=</send>
		<extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:callingParty>true</apkt:callingParty></extensiondata>
	</participant>
	<stream id="czE=" session="c2Vzcw=="><label>16777227</label><mode>separate</mode></stream>
	<stream id="czI=" session="c2Vzcw=="><label>16777228</label><mode>separate</mode></stream>
</recording>
--unique-boundary-1--
`),
	legs: ['agent', 'customer'],
	agent: 'dana',
	customer: '15550100477',
	codec: 'pcma',
};

/** A prefix to every name, addresses without a scheme, and the first participant on the second stream. */
const sonus: RecorderShape = {
	make: 'Ribbon/Sonus',
	contentType: 'multipart/mixed;boundary=sonus-content-delim',
	body: crlf(`
--sonus-content-delim
Content-Disposition: session; handling=required
Content-Type: application/sdp

${sdp(
	[
		...stream(48_932, '0', '1', ['c=IN IP4 192.0.2.9', 'a=rtpmap:0 PCMU/8000']),
		...stream(48_926, '0', '2', ['c=IN IP4 192.0.2.9', 'a=maxptime:20']),
	],
	['o=Sonus_UAC 1 1 IN IP4 192.0.2.8', 's=SIP Media Capabilities', 't=0 0'],
)}

--sonus-content-delim
Content-Disposition: recording-session
Content-Type: application/rs-metadata+xml

<?xml version="1.0" encoding="UTF-8"?>
<tns:recording xmlns:tns='urn:ietf:params:xml:ns:recording'>
 <tns:group group_id="Zw=="><callData xmlns='urn:ietf:params:xml:ns:callData'><fromhdr>"Dana" &lt;sip:8500@pbx.example.com&gt;;tag=a</fromhdr></callData></tns:group>
 <tns:session session_id="c2Vzcw=="><tns:group-ref>Zw==</tns:group-ref></tns:session>
 <tns:participant participant_id="cDE="><tns:nameID aor="8500@pbx.example.com"><tns:name xml:lang="en">Dana</tns:name></tns:nameID></tns:participant>
 <tns:participant participant_id="cDI="><tns:nameID aor="15550100477@192.0.2.7"><tns:name xml:lang="en"> </tns:name></tns:nameID></tns:participant>
 <tns:stream stream_id="czE=" session_id="c2Vzcw=="><tns:label>1</tns:label></tns:stream>
 <tns:stream stream_id="czI=" session_id="c2Vzcw=="><tns:label>2</tns:label></tns:stream>
 <tns:participantstreamassoc participant_id="cDE="><tns:send>czI=</tns:send><tns:recv>czE=</tns:recv></tns:participantstreamassoc>
 <tns:participantstreamassoc participant_id="cDI="><tns:send>czE=</tns:send><tns:recv>czI=</tns:recv></tns:participantstreamassoc>
</tns:recording>
`),
	legs: ['customer', 'agent'],
	agent: '8500',
	customer: '15550100477',
	codec: 'pcmu',
};

/** Metadata first, without a space behind its header's colon; one stream for everybody, A-law before telephone events and the rest. */
const broadworks: RecorderShape = {
	make: 'BroadWorks',
	contentType: 'multipart/mixed;boundary="UniqueBroadWorksBoundary"',
	body: crlf(`
--UniqueBroadWorksBoundary
Content-Type:application/rs-metadata+xml
Content-Disposition:recording-session
Content-Length:2012

<recording_metadata xmlns="urn:ietf:params:xml:ns:siprec"><dataMode>complete</dataMode><participant id="p1"><aor>sip:+15550100477@192.0.2.7;user=phone</aor><send id="a">m</send></participant><stream id="m"><mode>mixed</mode><label>1</label></stream></recording_metadata>
--UniqueBroadWorksBoundary
Content-Type: application/sdp
Content-Length: 300

${sdp(stream(22_294, '8 101 0 9 18', '1', ['a=rtpmap:9 G722/8000', 'a=rtpmap:8 PCMA/8000', ...events]))}

--UniqueBroadWorksBoundary--
`),
	legs: ['customer'],
	agent: undefined,
	customer: '+15550100477',
	codec: 'pcma',
};

/** Everybody on one stream, which they send and receive, and a word of its own for who called. */
const intrado: RecorderShape = {
	make: 'Intrado',
	contentType: 'multipart/mixed;boundary=Itro-wXyZ-bdry',
	body: crlf(`
--Itro-wXyZ-bdry
Content-Type: application/sdp

${sdp(stream(11_854, '0 8 101', '1', ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', ...events]))}

--Itro-wXyZ-bdry
Content-Type: application/rs-metadata
Content-Disposition: recording-session

<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
<stream stream_id="czE="
session_id="c2Vzcw=="><label>1</label></stream>
<participant participant_id="cDE="><nameID aor="5550100477@192.0.2.7:5060"><name xml:lang="en"></name></nameID><channel>SIP/1</channel><role>calling</role></participant>
<participantstreamassoc
participant_id="cDE="><send>czE=</send><recv>czE=</recv></participantstreamassoc>
</recording>

--Itro-wXyZ-bdry--
`),
	legs: ['customer'],
	agent: undefined,
	customer: '5550100477',
	codec: 'pcmu',
};

/** Nobody says who sends what, nor from which address; the codecs of the two streams are offered in different order. */
const unassociated: RecorderShape = {
	make: 'a recorder that associates nobody',
	contentType: 'Multipart/Mixed;Boundary="OSS-unique-boundary-42"',
	body: crlf(`
--OSS-unique-boundary-42
Content-Type: application/sdp

${sdp(
	[...stream(35_011, '0 8 3 101', '1', ['a=rtpmap:3 GSM/8000', ...events]), ...stream(35_012, '8 0 101', '2', events)],
	['o=- 1516628962 0 IN IP4 0.0.0.0', 's=-'],
)}

--OSS-unique-boundary-42
Content-Type: application/rs-metadata+xml
Content-Disposition: recording-session

<recording xmlns='urn:ietf:params:xml:ns:recording:1'>
 <participant participant_id="cDE="><nameID aor="sip:0477@192.0.2.7"><name>user;lang=en-US;id=22</name></nameID></participant>
 <participant participant_id="cDI="><nameID aor="sip:dana@pbx.example.com"/></participant>
 <stream stream_id="czE=" session_id="x"><label>1</label></stream>
 <stream stream_id="czI=" session_id="x"><label>2</label></stream>
</recording>
--OSS-unique-boundary-42--
`),
	legs: ['customer', 'agent'],
	agent: 'dana',
	customer: '0477',
	codec: 'pcmu',
};

/** Nothing but a description: a call manager that records by itself. */
const bare: RecorderShape = {
	make: 'a recorder without metadata',
	contentType: 'application/sdp',
	body: crlf(sdp([...stream(4000, '0', 'a_leg'), ...stream(4002, '0', 'b_leg')])),
	legs: ['customer', 'agent'],
	agent: undefined,
	customer: undefined,
	codec: 'pcmu',
};

export const recorderShapes: readonly RecorderShape[] = [cube, acme, sonus, broadworks, intrado, unassociated, bare];
