/*
 * What the work costs at the least: the messages that Ycord sends, made by one thread with epoll and one write a listener.
 * Calls come in as Twilio media messages over WebSocket; both legs of a call leave in one message (PROTOCOL.md [A1] [A2]),
 * put together by their place in time and waited for as server/audio/hub.ts does it. Nobody is asked, nothing is bounded,
 * measured for loudness or on record. `GET /usage` says what the process has used: µs of CPU, and bytes of memory.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 160, FRAME_MS = 20, SOUND_HEADER = 20, WS_HEADER = 4, LEGS = 2 };
/* As in server/audio/hub.ts and server/calls/leg-track.ts. */
enum { MAX_AHEAD = 2, ABSENT_AFTER = 5, MAX_LATE_IN_A_ROW = 10 };
/* More frames than can wait, so that a place in the ring is free when its turn comes again. */
enum { RING = 8 };
/* A Twilio media message is under 500 bytes, an upgrade under 1,000. */
enum { INPUT = 8192, EVENTS = 256 };

typedef struct {
	int64_t index;
	int has;
	uint8_t sound[LEGS][FRAME];
} Slot;

typedef struct {
	int seen;
	int64_t newest, first_frame, first_ms;
	int late_in_a_row;
} Leg;

typedef struct Connection Connection;

typedef struct {
	char name[96];
	double opened_ms;
	Leg legs[LEGS];
	Slot ring[RING];
	int64_t next, lead;
	uint32_t sequence;
	Connection **ears;
	int ear_count, ear_room;
} Call;

struct Connection {
	int fd, upgraded, used;
	Call *call;
	int is_ear;
	/* What a full socket would not take. */
	uint8_t *rest;
	size_t rest_size;
	uint8_t input[INPUT];
};

static int poll_fd;
static Call **calls;
static int call_count;

static double now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void must(int worked, const char *what) {
	if (worked) return;
	perror(what);
	exit(1);
}

static Call *call_named(const char *name, size_t length) {
	for (int i = 0; i < call_count; i++)
		if (strlen(calls[i]->name) == length && !memcmp(calls[i]->name, name, length)) return calls[i];
	Call *call = calloc(1, sizeof *call);
	must(call && length < sizeof call->name, "call");
	memcpy(call->name, name, length);
	call->opened_ms = now_ms();
	calls = realloc(calls, (call_count + 1) * sizeof *calls);
	must(calls != NULL, "calls");
	return calls[call_count++] = call;
}

/* ---- out ---- */

static void watch(Connection *c, uint32_t events) {
	struct epoll_event event = {.events = events, .data.ptr = c};
	must(epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &event) == 0, "epoll_ctl");
}

static void keep(Connection *c, const uint8_t *bytes, size_t size) {
	c->rest = realloc(c->rest, c->rest_size + size);
	must(c->rest != NULL, "rest");
	memcpy(c->rest + c->rest_size, bytes, size);
	if (c->rest_size == 0) watch(c, EPOLLIN | EPOLLOUT);
	c->rest_size += size;
}

/* What fails for good is seen by the next read. */
static void put(Connection *c, const uint8_t *bytes, size_t size) {
	if (c->rest_size) return keep(c, bytes, size);
	ssize_t written = write(c->fd, bytes, size);
	if (written < 0) written = 0;
	if ((size_t)written < size) keep(c, bytes + written, size - written);
}

static void put_rest(Connection *c) {
	ssize_t written = write(c->fd, c->rest, c->rest_size);
	if (written <= 0) return;
	c->rest_size -= written;
	memmove(c->rest, c->rest + written, c->rest_size);
	if (c->rest_size == 0) watch(c, EPOLLIN);
}

static void put_uint32(uint8_t *at, uint32_t value) {
	value = htonl(value);
	memcpy(at, &value, 4);
}

/* The sound message of shared/audio.ts, in an unmasked WebSocket frame. */
static void send_slot(Call *call, const Slot *slot) {
	uint8_t message[WS_HEADER + SOUND_HEADER + LEGS * FRAME] = {0x82, 126};
	uint8_t *header = message + WS_HEADER, *at = header + SOUND_HEADER;
	call->next = slot->index + 1;
	call->sequence++;
	header[0] = 2;
	header[1] = slot->has;
	header[3] = 1;
	put_uint32(header + 4, call->sequence);
	put_uint32(header + 8, (uint32_t)(slot->index * FRAME_MS));
	put_uint32(header + 12, (uint32_t)(uint64_t)now_ms());
	memset(header + 16, 127, 3);
	for (int leg = 0; leg < LEGS; leg++) {
		if (!(slot->has & 1 << leg)) continue;
		memcpy(at, slot->sound[leg], FRAME);
		at += FRAME;
	}
	int size = at - header;
	message[2] = size >> 8;
	message[3] = size & 255;
	for (int i = 0; i < call->ear_count; i++) put(call->ears[i], message, WS_HEADER + size);
}

/* ---- pairing ---- */

static int is_complete(const Call *call, const Slot *slot) {
	for (int leg = 0; leg < LEGS; leg++) {
		const Leg *one = &call->legs[leg];
		if (one->seen && !(slot->has & 1 << leg) && one->newest > call->lead - ABSENT_AFTER) return 0;
	}
	return 1;
}

/* Sends what need not wait. */
static void flush(Call *call) {
	for (int64_t index = call->next; index <= call->lead; index++) {
		Slot *slot = &call->ring[index % RING];
		if (!slot->has || slot->index != index) continue;
		if (!is_complete(call, slot) && call->lead - index < MAX_AHEAD) return;
		send_slot(call, slot);
		slot->has = 0;
	}
}

/* One frame of one leg, with its place on the platform's clock. A leg is aligned by the arrival of its first frame. */
static void take_frame(Call *call, int which, int64_t at_ms, const uint8_t *sound) {
	Leg *leg = &call->legs[which];
	if (!leg->seen) {
		leg->first_ms = at_ms;
		leg->first_frame = (int64_t)((now_ms() - call->opened_ms) / FRAME_MS);
	}
	int64_t index = leg->first_frame + (at_ms - leg->first_ms) / FRAME_MS;
	if (index < 0) return;
	if (!leg->seen || index > leg->newest) leg->newest = index;
	leg->seen = 1;
	if (index < call->next) {
		if (++leg->late_in_a_row < MAX_LATE_IN_A_ROW) return;
		leg->first_frame += call->next - index;
		leg->late_in_a_row = 0;
		return;
	}
	leg->late_in_a_row = 0;
	if (index > call->lead) call->lead = index;
	/* Whatever is further back than anything waits has left, or never came. */
	if (call->lead - call->next >= RING) {
		flush(call);
		if (call->lead - call->next >= RING) call->next = call->lead - MAX_AHEAD;
	}
	if (index < call->next) return;
	Slot *slot = &call->ring[index % RING];
	if (slot->index != index) slot->has = 0;
	slot->index = index;
	slot->has |= 1 << which;
	memcpy(slot->sound[which], sound, FRAME);
	flush(call);
}

/* ---- in ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t base64_values[256];

/* Reads 216 digits as 160 bytes, the last digit being padding. */
static void read_base64(const uint8_t *text, uint8_t *bytes) {
	for (int at = 0; at < FRAME; at += 3, text += 4) {
		uint32_t four = base64_values[text[0]] << 18 | base64_values[text[1]] << 12 | base64_values[text[2]] << 6 |
						base64_values[text[3]];
		bytes[at] = four >> 16;
		if (at + 1 < FRAME) bytes[at + 1] = four >> 8;
		if (at + 2 < FRAME) bytes[at + 2] = four;
	}
}

/* What stands after `name`, or nothing. */
static const char *after(const char *text, size_t size, const char *name) {
	size_t length = strlen(name);
	const char *found = memmem(text, size, name, length);
	return found ? found + length : NULL;
}

static void take_text(Connection *c, const char *text, size_t size) {
	const char *end = text + size, *event = after(text, size, "\"event\":\"");
	if (!event) return;
	if (!strncmp(event, "start\"", 6)) {
		const char *name = after(event, end - event, "\"callSid\":\"");
		const char *quote = name ? memchr(name, '"', end - name) : NULL;
		if (quote) c->call = call_named(name, quote - name);
		return;
	}
	if (!c->call || strncmp(event, "media\"", 6)) return;
	const char *track = after(event, end - event, "\"track\":\"");
	const char *time = track ? after(track, end - track, "\"timestamp\":\"") : NULL;
	const char *payload = time ? after(time, end - time, "\"payload\":\"") : NULL;
	if (!payload || end - payload < 217 || payload[216] != '"') return;
	uint8_t sound[FRAME];
	read_base64((const uint8_t *)payload, sound);
	take_frame(c->call, *track == 'i' ? 0 : 1, atoll(time), sound);
}

/* Reads the client's messages out of the input, and keeps what is not complete. (RFC 6455, 5.2) 0 says: hang up. */
static int take_messages(Connection *c) {
	int at = 0;
	for (;;) {
		uint8_t *head = c->input + at;
		int have = c->used - at, header = 6;
		if (have < header) break;
		int size = head[1] & 127;
		if (size == 127) return 0;
		if (size == 126) {
			header = 8;
			if (have < header) break;
			size = head[2] << 8 | head[3];
		}
		if (header + size > INPUT || (head[0] & 15) == 8) return 0;
		if (have < header + size) break;
		if (!c->is_ear && (head[0] & 15) == 1) {
			uint8_t *text = head + header;
			uint32_t mask;
			memcpy(&mask, text - 4, 4);
			int i = 0;
			for (; i + 4 <= size; i += 4) {
				uint32_t four;
				memcpy(&four, text + i, 4);
				four ^= mask;
				memcpy(text + i, &four, 4);
			}
			for (; i < size; i++) text[i] ^= (uint8_t)(mask >> 8 * (i & 3));
			take_text(c, (char *)text, size);
		}
		at += header + size;
	}
	c->used -= at;
	memmove(c->input, c->input + at, c->used);
	return 1;
}

/* ---- upgrade (RFC 6455, 4.2.2) ---- */

/* SHA-1 of at most 119 bytes: two blocks. (RFC 3174) */
static void sha1(const uint8_t *bytes, size_t size, uint8_t digest[20]) {
	uint8_t blocks[128] = {0};
	size_t total = size < 56 ? 64 : 128;
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	memcpy(blocks, bytes, size);
	blocks[size] = 0x80;
	put_uint32(blocks + total - 4, (uint32_t)size * 8);
	for (size_t from = 0; from < total; from += 64) {
		uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
		for (int t = 0; t < 80; t++) {
			if (t < 16) {
				memcpy(&w[t], blocks + from + 4 * t, 4);
				w[t] = ntohl(w[t]);
			} else {
				uint32_t x = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16];
				w[t] = x << 1 | x >> 31;
			}
			uint32_t f = t < 20 ? (b & c) | (~b & d) : t < 40 ? b ^ c ^ d : t < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
			uint32_t k = t < 20 ? 0x5a827999 : t < 40 ? 0x6ed9eba1 : t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
			uint32_t turned = (a << 5 | a >> 27) + f + e + k + w[t];
			e = d, d = c, c = b << 30 | b >> 2, b = a, a = turned;
		}
		h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
	}
	for (int i = 0; i < 5; i++) put_uint32(digest + 4 * i, h[i]);
}

static void accept_key(const char *key, size_t length, char text[29]) {
	uint8_t digest[21] = {0};
	char both[100];
	int size = snprintf(both, sizeof both, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)length, key);
	sha1((uint8_t *)both, size, digest);
	for (int i = 0; i < 7; i++) {
		uint32_t three = digest[3 * i] << 16 | digest[3 * i + 1] << 8 | digest[3 * i + 2];
		for (int j = 0; j < 4; j++) text[4 * i + j] = base64_digits[three >> (18 - 6 * j) & 63];
	}
	text[27] = '=';
	text[28] = 0;
}

static void put_usage(Connection *c) {
	struct rusage used;
	long pages = 0;
	char body[80], answer[200];
	FILE *statm = fopen("/proc/self/statm", "r");
	if (statm) {
		if (fscanf(statm, "%*d %ld", &pages) != 1) pages = 0;
		fclose(statm);
	}
	getrusage(RUSAGE_SELF, &used);
	long long cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	int size = snprintf(body, sizeof body, "%lld %ld", cpu_us, pages * sysconf(_SC_PAGESIZE));
	size = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s", size, body);
	put(c, (uint8_t *)answer, size);
}

static int take_request(Connection *c) {
	c->input[c->used < INPUT ? c->used : INPUT - 1] = 0;
	char *text = (char *)c->input, *end = strstr(text, "\r\n\r\n");
	if (!end) return c->used < INPUT - 1;
	if (!strncmp(text, "GET /usage ", 11)) {
		put_usage(c);
		return 0;
	}
	char *key = strcasestr(text, "\r\nsec-websocket-key: "), answer[200], accepted[29];
	if (!key || key > end) return 0;
	key += 21;
	accept_key(key, strcspn(key, "\r"), accepted);
	c->upgraded = 1;
	if (!strncmp(text, "GET /listen/", 12)) {
		Call *call = c->call = call_named(text + 12, strcspn(text + 12, " "));
		c->is_ear = 1;
		if (call->ear_count == call->ear_room) {
			call->ear_room = call->ear_room ? 2 * call->ear_room : 8;
			call->ears = realloc(call->ears, call->ear_room * sizeof *call->ears);
			must(call->ears != NULL, "ears");
		}
		call->ears[call->ear_count++] = c;
	}
	int size = snprintf(answer, sizeof answer,
		"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: %s\r\n\r\n", accepted);
	put(c, (uint8_t *)answer, size);
	c->used -= end + 4 - text;
	memmove(c->input, end + 4, c->used);
	return take_messages(c);
}

static void leave(Connection *c) {
	Call *call = c->is_ear ? c->call : NULL;
	for (int i = 0; call && i < call->ear_count; i++)
		if (call->ears[i] == c) call->ears[i--] = call->ears[--call->ear_count];
	close(c->fd);
	free(c->rest);
	free(c);
}

static void take_input(Connection *c) {
	ssize_t got = read(c->fd, c->input + c->used, INPUT - 1 - c->used);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
	if (got <= 0) return leave(c);
	c->used += got;
	if (!(c->upgraded ? take_messages(c) : take_request(c))) leave(c);
}

int main(void) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	struct rlimit files;
	signal(SIGPIPE, SIG_IGN);
	/* Ends with whoever started it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < 64; i++) base64_values[(uint8_t)base64_digits[i]] = i;
	int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	must(bind(door, (struct sockaddr *)&address, size) == 0 && listen(door, 1024) == 0, "listen");
	getsockname(door, (struct sockaddr *)&address, &size);
	printf("Relaying on port %d\n", ntohs(address.sin_port));
	fflush(stdout);
	poll_fd = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
	must(epoll_ctl(poll_fd, EPOLL_CTL_ADD, door, &event) == 0, "epoll_ctl");
	for (;;) {
		int count = epoll_wait(poll_fd, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			Connection *c = events[i].data.ptr;
			if (c) {
				if (events[i].events & EPOLLOUT) put_rest(c);
				if (events[i].events & ~EPOLLOUT) take_input(c);
				continue;
			}
			int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK), on = 1;
			if (fd < 0) continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
			c = calloc(1, sizeof *c);
			must(c != NULL, "connection");
			c->fd = fd;
			event = (struct epoll_event){.events = EPOLLIN, .data.ptr = c};
			must(epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
		}
	}
}
