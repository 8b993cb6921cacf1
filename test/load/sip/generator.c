/*
 * Load generator for SIP page mode (MESSAGE, RFC 3428) over UDP and TCP. One thread, epoll, no dependencies.
 * Half of the accounts u0..uN-1 send, each to one of the other half; README.md says what every figure means.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "../md5.h"
#include "../sip-text.h"

enum {
  MAX_USERS = 20000,
  MAX_PIDS = 64,
  REGISTERING_AT_ONCE = 50,
  HEADER_ROOM = 2048,  /* octets of one request without its body */
  STREAM_ROOM = 262144, /* octets of a TCP connection not yet parsed, or not yet written */
  DATAGRAM = 65536,
};

/* Nanoseconds. T1, T2 and Timer F of RFC 3261 §17.1.2.2. */
static const uint64_t T1 = 500 * MS, T2 = 4 * SECOND, TIMER_F = 32 * SECOND, TIMER_TICK = 20 * MS, STRAGGLERS = 300 * MS;

static struct {
  const char *mode, *password, *domain, *state;
  struct sockaddr_in server;
  bool tcp;
  int users, body;
  double rate, seconds, warmup, lose;
  uint64_t messages;
  int pids[MAX_PIDS], pid_count;
} option = { .mode = "online", .domain = "bench.test", .users = 20, .body = 100, .seconds = 10, .messages = UINT64_MAX };

struct credentials {
  char header[24], realm[128], nonce[256], opaque[128], ha1[33];
  uint32_t nonce_count;
};

struct phone {
  int index, fd;
  uint16_t port;
  bool registered, dead, busy, registering;
  uint32_t cseq, sequence, attempts;
  uint64_t began, resend_at, resend_after, give_up_at;
  char branch[64];
  int branch_length, request_length;
  char *request;
  char *in, *out; /* TCP only */
  int in_length, out_length;
  struct credentials credentials;
};

/* What became of one message; the index into the pair's list is its sequence number. */
struct fate {
  uint32_t branch; /* hash of the top Via branch of the first delivery; 0, not delivered */
  uint16_t status; /* final response to the sender; 0, none */
};

struct pair {
  struct fate *fates;
  uint32_t count, room, highest;
};

static struct phone *phones;
static struct pair *pairs;
static int half, epoll_fd, in_flight;
static uint32_t run_id;
static uint64_t now, branches;
static char filler[DATAGRAM];

static enum { REGISTERING, RUNNING, SETTLING, UNREGISTERING } phase;
static int first_phone, end_phone, next_phone;
static uint64_t started_at, window_from, window_to, sending_until, next_due, interval, last_final, last_delivery, settled_since;
static bool window_open, window_closed;
static struct phone **idle;
static int idle_count;

static struct {
  uint64_t sent, finals, ok, accepted, failed, timeouts, retransmissions, challenges, delivered, again_same, again_new, out_of_order;
  uint64_t wrong, foreign, not_from_receiver, connections_lost, other_requests, in_window, registered, statuses[700];
} tally;

/* ---- Text ---- */

static char *address(char *p, int user) { /* sip:uN@domain */
  return text(text(number(text(p, "sip:u"), (uint64_t)user), "@"), option.domain);
}

/* The To tag with which the receiver answers this very message: a server cannot make it up. */
static uint32_t receipt(uint32_t sender, uint32_t sequence) {
  uint32_t words[4] = { run_id, sender, sequence, 0x5eed5eed ^ run_id * 2654435761u };
  return hash((const char *)words, sizeof words);
}

/* A parameter of a challenge, unquoted; false when it is absent or too long. */
static bool parameter(struct slice line, const char *name, char *out, size_t room) {
  size_t length = strlen(name);
  const char *end = line.at + line.length;
  for (const char *at = line.at; at + length < end; at++) {
    if (strncasecmp(at, name, length) != 0 || at[length] != '=' || !strchr(" ,\t", at[-1])) continue;
    const char *from = at + length + 1;
    bool quoted = from < end && *from == '"';
    if (quoted) from++;
    const char *to = from;
    while (to < end && (quoted ? *to != '"' : !strchr(", \t", *to))) to++;
    if ((size_t)(to - from) >= room) return false;
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = 0;
    return true;
  }
  return false;
}

/* ---- Sockets ---- */

static void lost_connection(struct phone *p);

static void watch(struct phone *p, int operation, uint32_t events) {
  struct epoll_event event = { .events = events, .data.ptr = p };
  if (epoll_ctl(epoll_fd, operation, p->fd, &event) < 0) fail("epoll_ctl");
}

static void open_phone(struct phone *p) {
  struct sockaddr_in local = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t length = sizeof local;
  p->fd = socket(AF_INET, option.tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
  if (p->fd < 0 || (!option.tcp && bind(p->fd, (struct sockaddr *)&local, length) < 0)) fail("socket");
  if (connect(p->fd, (struct sockaddr *)&option.server, sizeof option.server) < 0) fail("connect");
  getsockname(p->fd, (struct sockaddr *)&local, &length);
  p->port = ntohs(local.sin_port);
  if (option.tcp) {
    int on = 1;
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    p->in = malloc(STREAM_ROOM), p->out = malloc(STREAM_ROOM);
    if (!p->in || !p->out) fail("memory");
  }
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
  p->request = malloc((size_t)(HEADER_ROOM + option.body));
  if (!p->request) fail("memory");
  watch(p, EPOLL_CTL_ADD, EPOLLIN);
}

static void put_out(struct phone *p, const char *data, int length) {
  if (p->dead) return;
  ssize_t written = p->out_length > 0 ? 0 : send(p->fd, data, (size_t)length, MSG_NOSIGNAL);
  /* A datagram that the kernel refuses is a lost one: the timers send it again. */
  if (!option.tcp || written == length) return;
  if (written < 0 && errno != EAGAIN) return lost_connection(p);
  if (written < 0) written = 0;
  int rest = length - (int)written;
  if (p->out_length + rest > STREAM_ROOM) return lost_connection(p);
  if (p->out_length == 0) watch(p, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  memcpy(p->out + p->out_length, data + written, (size_t)rest);
  p->out_length += rest;
}

static void flush_out(struct phone *p) {
  ssize_t written = send(p->fd, p->out, (size_t)p->out_length, MSG_NOSIGNAL);
  if (written < 0) return;
  p->out_length -= (int)written;
  memmove(p->out, p->out + written, (size_t)p->out_length);
  if (p->out_length == 0) watch(p, EPOLL_CTL_MOD, EPOLLIN);
}

/* ---- Requests ---- */

static char *authorization(char *p, struct phone *phone, const char *method, const char *uri) {
  struct credentials *c = &phone->credentials;
  if (!c->nonce[0]) return p;
  char ha2[33], response[33], count[9], client[9], work[1024];
  char *end = text(text(text(work, method), ":"), uri);
  md5_hex(work, (size_t)(end - work), ha2);
  *hex32(count, ++c->nonce_count) = 0;
  *hex32(client, (uint32_t)phone->index ^ run_id) = 0;
  end = text(text(text(text(work, c->ha1), ":"), c->nonce), ":");
  end = text(text(text(text(text(text(end, count), ":"), client), ":auth:"), ha2), "");
  md5_hex(work, (size_t)(end - work), response);
  p = text(text(text(p, c->header), ": Digest username=\"u"), "");
  p = text(text(number(p, (uint64_t)phone->index), "\", realm=\""), c->realm);
  p = text(text(text(text(p, "\", nonce=\""), c->nonce), "\", uri=\""), uri);
  p = text(text(text(p, "\", response=\""), response), "\", algorithm=MD5, qop=auth, nc=");
  p = text(text(text(text(p, count), ", cnonce=\""), client), "\"");
  if (c->opaque[0]) p = text(text(text(p, ", opaque=\""), c->opaque), "\"");
  return text(p, "\r\n");
}

static char *write_body(char *p, uint32_t sender, uint32_t sequence) {
  char *from = p;
  p = text(hex32(text(p, "run "), run_id), " from ");
  p = text(number(text(number(p, sender), " sequence "), sequence), " to ");
  p = text(number(p, sender + (uint32_t)half), " ");
  int rest = option.body - (int)(p - from);
  return rest > 0 ? bytes(p, filler, (size_t)rest) : p;
}

static void send_request(struct phone *p) {
  const char *method = p->registering ? "REGISTER" : "MESSAGE";
  char uri[192], *u = uri;
  if (p->registering) u = text(text(u, "sip:"), option.domain);
  else u = address(u, p->index + half);
  *u = 0;
  char *branch = text(p->branch, "z9hG4bK");
  branch = number(text(number(text(hex32(branch, run_id), "."), (uint64_t)p->index), "."), ++branches);
  p->branch_length = (int)(branch - p->branch);

  char *o = text(text(text(text(p->request, method), " "), uri), option.tcp ? " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:" : " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:");
  o = bytes(text(number(o, p->port), ";rport;branch="), p->branch, (size_t)p->branch_length);
  o = text(address(text(o, "\r\nMax-Forwards: 70\r\nFrom: <"), p->index), ">;tag=");
  o = text(number(hex32(o, run_id), p->registering ? 0 : p->sequence + 1), "\r\nTo: <");
  o = text(address(o, p->registering ? p->index : p->index + half), ">\r\nCall-ID: ");
  o = text(number(text(hex32(o, run_id), p->registering ? "-r-" : "-m-"), (uint64_t)p->index), "");
  if (!p->registering) o = number(text(o, "-"), p->sequence);
  o = text(text(number(text(o, "@127.0.0.1\r\nCSeq: "), ++p->cseq), " "), method);
  o = authorization(text(o, "\r\n"), p, method, uri);
  if (p->registering) {
    o = number(text(number(text(o, "Contact: <sip:u"), (uint64_t)p->index), "@127.0.0.1:"), p->port);
    o = text(o, option.tcp ? ";transport=tcp>\r\nExpires: " : ">\r\nExpires: ");
    o = text(o, phase == UNREGISTERING ? "0\r\nContent-Length: 0\r\n\r\n" : "86400\r\nContent-Length: 0\r\n\r\n");
  } else {
    char body[DATAGRAM + 128];
    int length = (int)(write_body(body, (uint32_t)p->index, p->sequence) - body);
    o = text(number(text(o, "Content-Type: text/plain\r\nContent-Length: "), (uint64_t)length), "\r\n\r\n");
    o = bytes(o, body, (size_t)length);
  }
  p->request_length = (int)(o - p->request);
  p->resend_after = T1;
  p->resend_at = now + T1;
  p->give_up_at = now + TIMER_F;
  put_out(p, p->request, p->request_length);
}

static void begin_request(struct phone *p, bool registering, uint64_t due) {
  p->busy = true;
  p->registering = registering;
  p->began = due;
  p->attempts = 0;
  in_flight++;
  send_request(p);
}

static void send_next(struct phone *p, uint64_t due) {
  struct pair *pair = &pairs[p->index];
  if (pair->count == pair->room) {
    pair->room = pair->room ? pair->room * 2 : 256;
    pair->fates = realloc(pair->fates, pair->room * sizeof *pair->fates);
    if (!pair->fates) fail("memory");
  }
  pair->fates[pair->count] = (struct fate){ 0, 0 };
  p->sequence = pair->count++;
  tally.sent++;
  begin_request(p, false, due);
}

/* ---- Latency: 64 steps for each doubling, microseconds, error below 1.6 % ---- */

static uint64_t histogram[64 * 40], slowest;

static void note_latency(uint64_t ns) {
  uint64_t us = ns / 1000;
  if (us > slowest) slowest = us;
  int shift = us < 64 ? 0 : 58 - __builtin_clzll(us);
  uint64_t at = us < 64 ? us : 64 * (uint64_t)shift + (us >> (shift - 1)) - 64;
  histogram[at < 64 * 40 ? at : 64 * 40 - 1]++;
}

static double quantile_ms(double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < 64 * 40; i++) total += histogram[i];
  for (int i = 0; i < 64 * 40; i++) {
    seen += histogram[i];
    if (total == 0 || seen < q * (double)total) continue;
    if (i < 64) return i / 1000.0;
    int shift = i / 64;
    return (double)((uint64_t)(i % 64 + 64) << (shift - 1)) / 1000.0;
  }
  return 0;
}

/* ---- What the machine and the server spent ---- */

struct usage { double server, generator, machine, steal; };

static struct usage usage_now(void) {
  struct usage u = { 0 };
  for (int i = 0; i < option.pid_count; i++) u.server += process_cpu(option.pids[i]);
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  u.generator = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
  double user, nice, system, idle_time, wait, irq, soft, steal, tick = (double)sysconf(_SC_CLK_TCK);
  FILE *f = fopen("/proc/stat", "r");
  if (f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle_time, &wait, &irq, &soft, &steal) == 8)
    u.machine = (user + nice + system + irq + soft) / tick, u.steal = steal / tick;
  if (f) fclose(f);
  return u;
}

/* Sum of one field of smaps_rollup over the server's processes, MB. */
static double memory_mb(const char *field) {
  double kb = 0;
  for (int i = 0; i < option.pid_count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", option.pids[i]);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
      if (strncmp(line, field, strlen(field)) == 0) kb += atof(line + strlen(field));
    if (f) fclose(f);
  }
  return kb / 1024;
}

/* Datagrams that the server's socket had no room for, since the machine started. */
static uint64_t udp_drops(void) {
  char line[512];
  uint64_t sum = 0;
  FILE *f = fopen("/proc/net/udp", "r");
  while (f && fgets(line, sizeof line, f)) {
    unsigned port = 0;
    char *last = strrchr(line, ' ');
    for (size_t n = strlen(line); n && strchr(" \n", line[n - 1]); last = strrchr(line, ' ')) line[--n] = 0;
    if (sscanf(line, " %*d: %*x:%x", &port) == 1 && port == ntohs(option.server.sin_port) && last) sum += strtoull(last, NULL, 10);
  }
  if (f) fclose(f);
  return sum;
}

static struct usage usage_from, usage_to;
static double rss_mb, pss_mb;
static uint64_t drops_from;

/* ---- Phases ---- */

static bool offline(void) { return option.mode[0] == 'o' && option.mode[1] == 'f'; }
static bool drain(void) { return option.mode[0] == 'd'; }
static bool is_online(void) { return !offline() && !drain(); }

static void open_window(void) {
  window_open = true;
  window_from = now;
  usage_from = usage_now();
}

static void close_window(void) {
  if (window_closed) return;
  if (!window_open) open_window();
  window_closed = true;
  window_to = now;
  usage_to = usage_now();
  rss_mb = memory_mb("Rss:"), pss_mb = memory_mb("Pss:");
}

static bool may_send(void) { return phase == RUNNING && now < sending_until && tally.sent < option.messages; }

static void start_running(void) {
  if (tally.registered < (uint64_t)(end_phone - first_phone)) { /* a figure without some of them would mislead */
    phase = SETTLING, settled_since = now, window_closed = true;
    return;
  }
  phase = RUNNING;
  started_at = drain() ? started_at : now;
  last_delivery = last_delivery ? last_delivery : now;
  sending_until = started_at + (uint64_t)((option.warmup + option.seconds) * 1e9);
  next_due = now;
  interval = option.rate > 0 ? (uint64_t)(1e9 / option.rate) : 0;
  if (drain()) return;
  if (option.warmup <= 0) open_window();
  for (int i = half - 1; i >= 0; i--)
    if (interval) idle[idle_count++] = &phones[i];
    else if (may_send()) send_next(&phones[i], now);
}

static void send_due(void) {
  while (may_send() && idle_count > 0 && now >= next_due) {
    send_next(idle[--idle_count], next_due);
    next_due += interval;
  }
}

static void register_more(void) {
  while (in_flight < REGISTERING_AT_ONCE && next_phone < end_phone) {
    struct phone *p = &phones[next_phone++];
    if (phase == REGISTERING) open_phone(p);
    if (!p->dead) begin_request(p, true, now);
  }
  if (phase == REGISTERING && in_flight == 0 && next_phone == end_phone) start_running();
}

static void finish_message(struct phone *p, const struct header_lines *h, int status) {
  struct fate *fate = &pairs[p->index].fates[p->sequence];
  fate->status = (uint16_t)status;
  tally.finals++;
  tally.statuses[status]++;
  last_final = now;
  if (status == 200 || status == 202) {
    if (status == 200) tally.ok++;
    else tally.accepted++;
    if (window_open && !window_closed) tally.in_window++, note_latency(now - p->began);
    if (status == 200 && is_online()) {
      char tag[16];
      *hex32(text(tag, "tag="), receipt((uint32_t)p->index, p->sequence)) = 0;
      if (!memmem(h->to.at, (size_t)h->to.length, tag, 12)) tally.not_from_receiver++;
    }
  } else if (!h) tally.timeouts++;
  else tally.failed++;
  if (p->dead) return;
  if (interval) {
    idle[idle_count++] = p;
    send_due();
  } else if (may_send()) send_next(p, now);
}

/* @param h NULL when there was no final response */
static void finish(struct phone *p, const struct header_lines *h, int status) {
  p->busy = false;
  in_flight--;
  if (!p->registering) return finish_message(p, h, status);
  if (phase == REGISTERING && status == 200) p->registered = true, tally.registered++;
  else if (status != 200) fprintf(stderr, "generator: REGISTER of u%d ended with %d\n", p->index, status);
  register_more();
}

static void lost_connection(struct phone *p) {
  if (p->dead) return;
  p->dead = true;
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, p->fd, NULL);
  tally.connections_lost++;
  if (p->busy) p->give_up_at = 0; /* the next tick ends it */
}

/* ---- What arrives ---- */

static bool take_challenge(struct phone *p, const struct header_lines *h) {
  for (int i = 0; i < h->challenge_count; i++) {
    struct credentials *c = &p->credentials;
    char algorithm[32] = "MD5", qop[64] = "", work[512];
    struct slice line = h->challenges[i];
    parameter(line, "algorithm", algorithm, sizeof algorithm);
    parameter(line, "qop", qop, sizeof qop);
    if (strcasecmp(algorithm, "MD5") != 0 || !strstr(qop, "auth")) continue;
    if (!parameter(line, "realm", c->realm, sizeof c->realm) || !parameter(line, "nonce", c->nonce, sizeof c->nonce)) continue;
    if (!parameter(line, "opaque", c->opaque, sizeof c->opaque)) c->opaque[0] = 0;
    strcpy(c->header, h->status == 407 ? "Proxy-Authorization" : "Authorization");
    c->nonce_count = 0;
    int length = snprintf(work, sizeof work, "u%d:%s:%s", p->index, c->realm, option.password);
    md5_hex(work, (size_t)length, c->ha1);
    return true;
  }
  return false;
}

static void on_response(struct phone *p, const struct header_lines *h) {
  struct slice branch = via_branch(h);
  if (!p->busy || branch.length != p->branch_length || memcmp(branch.at, p->branch, (size_t)branch.length) != 0) return;
  if (h->status < 200) {
    p->resend_after = T2, p->resend_at = now + T2;
    return;
  }
  if ((h->status == 401 || h->status == 407) && option.password && ++p->attempts <= 2 && take_challenge(p, h)) {
    tally.challenges++;
    return send_request(p);
  }
  finish(p, h, h->status < 700 ? h->status : 699);
}

static const char *read_number(const char *at, const char *end, const char *before, uint32_t *out) {
  size_t length = strlen(before);
  if (!at || (size_t)(end - at) < length || memcmp(at, before, length) != 0) return NULL;
  uint32_t n = 0;
  for (at += length; at < end && *at >= '0' && *at <= '9'; at++) n = n * 10 + (uint32_t)(*at - '0');
  *out = n;
  return at;
}

static void count_delivery(struct phone *p, const struct header_lines *h, uint32_t sender, uint32_t sequence) {
  struct pair *pair = &pairs[sender];
  struct slice branch = via_branch(h);
  uint32_t mark = hash(branch.at, (size_t)branch.length);
  (void)p;
  struct fate *fate = &pair->fates[sequence];
  last_delivery = now;
  if (fate->branch == 0) {
    fate->branch = mark;
    tally.delivered++;
    if (sequence + 1 < pair->highest) tally.out_of_order++;
    else pair->highest = sequence + 1;
  } else if (fate->branch == mark) tally.again_same++;
  else tally.again_new++;
}

/* The To tag of the answer; 1 when the message is none of ours. */
static uint32_t on_delivery(struct phone *p, const struct header_lines *h) {
  uint32_t sender, sequence, to;
  char expected[DATAGRAM + 128], run[16];
  *hex32(text(run, "run "), run_id) = 0;
  const char *at = h->body.at, *end = at + h->body.length;
  if (h->body.length < 12 || memcmp(at, run, 12) != 0) return tally.foreign++, 1;
  at = read_number(read_number(read_number(at + 12, end, " from ", &sender), end, " sequence ", &sequence), end, " to ", &to);
  if (!at || sender >= (uint32_t)half || sequence >= pairs[sender].count || to != (uint32_t)p->index) return tally.wrong++, 1;
  int length = (int)(write_body(expected, sender, sequence) - expected);
  if (length != h->body.length || memcmp(expected, h->body.at, (size_t)length) != 0) return tally.wrong++, 1;
  count_delivery(p, h, sender, sequence);
  return receipt(sender, sequence);
}

static void on_request(struct phone *p, const struct header_lines *h) {
  char answer[16384];
  uint32_t tag = 1;
  if (h->is_message) tag = on_delivery(p, h);
  else tally.other_requests++;
  char *o = text(answer, h->is_message ? "SIP/2.0 200 OK\r\n" : "SIP/2.0 405 Method Not Allowed\r\nAllow: MESSAGE\r\n");
  const struct slice *lines[] = { &h->from, &h->call_id, &h->cseq, &h->to };
  size_t total = 0;
  for (int i = 0; i < h->via_count; i++) total += (size_t)h->vias[i].length + 2;
  for (int i = 0; i < 4; i++) total += (size_t)lines[i]->length + 2;
  if (total > sizeof answer - 256) return;
  for (int i = 0; i < h->via_count; i++) o = text(bytes(o, h->vias[i].at, (size_t)h->vias[i].length), "\r\n");
  for (int i = 0; i < 3; i++) o = text(bytes(o, lines[i]->at, (size_t)lines[i]->length), "\r\n");
  o = bytes(o, h->to.at, (size_t)h->to.length);
  o = text(hex32(text(o, ";tag="), tag), "\r\nContent-Length: 0\r\n\r\n");
  put_out(p, answer, (int)(o - answer));
}

static void on_message(struct phone *p, const char *from, const char *head_end, const char *end) {
  struct header_lines h;
  read_message(&h, from, head_end, end);
  if (h.status) on_response(p, &h);
  else on_request(p, &h);
}

static void read_stream(struct phone *p) {
  ssize_t n = recv(p->fd, p->in + p->in_length, (size_t)(STREAM_ROOM - p->in_length), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return lost_connection(p);
  p->in_length += (int)n;
  const char *at = p->in, *end = p->in + p->in_length;
  while (at < end && !p->dead) {
    if (*at == '\r' || *at == '\n') { at++; continue; } /* keep-alives (RFC 5626 §3.5.1) */
    const char *empty = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
    if (!empty) break;
    const char *body = empty + 4;
    int length = content_length(at, body);
    if (length < 0 || length > end - body) break;
    on_message(p, at, body, body + length);
    at = body + length;
  }
  p->in_length = (int)(end - at);
  memmove(p->in, at, (size_t)p->in_length);
  if (p->in_length == STREAM_ROOM) lost_connection(p);
}

static void read_datagram(struct phone *p) {
  static char datagram[DATAGRAM];
  ssize_t n = recv(p->fd, datagram, sizeof datagram, 0);
  if (n < 12 || (option.lose > 0 && drand48() < option.lose)) return;
  const char *empty = memmem(datagram, (size_t)n, "\r\n\r\n", 4);
  if (empty) on_message(p, datagram, empty + 4, datagram + n);
}

/* ---- Time ---- */

static void tick(void) {
  for (int i = first_phone; i < end_phone; i++) {
    struct phone *p = &phones[i];
    if (!p->busy) continue;
    if (now >= p->give_up_at) finish(p, NULL, 408);
    else if (!option.tcp && now >= p->resend_at) {
      tally.retransmissions++;
      p->resend_after = p->resend_after * 2 < T2 ? p->resend_after * 2 : T2;
      p->resend_at = now + p->resend_after;
      put_out(p, p->request, p->request_length);
    }
  }
}

static void advance(void) {
  if (phase == RUNNING && !drain()) {
    if (!window_open && now >= started_at + (uint64_t)(option.warmup * 1e9)) open_window();
    if (interval) send_due();
    bool all = tally.sent >= option.messages;
    if (now >= sending_until || (all && in_flight == 0)) close_window(), phase = SETTLING;
    settled_since = now;
  } else if (phase == RUNNING) { /* drain: until all that was accepted came, or nothing more comes */
    uint64_t quiet = now - last_delivery;
    if ((tally.delivered >= tally.accepted && quiet > STRAGGLERS) || quiet > (uint64_t)(option.seconds * 1e9)) phase = SETTLING;
  } else if (phase == SETTLING) {
    if (in_flight > 0) settled_since = now;
    if (now - settled_since < STRAGGLERS) return;
    phase = UNREGISTERING;
    next_phone = first_phone;
    register_more();
  }
}

static int wait_for_events(struct epoll_event *events, int room) {
  uint64_t until = now + TIMER_TICK;
  if (phase == RUNNING && interval && idle_count > 0 && next_due < until) until = next_due > now ? next_due : now;
#ifdef SYS_epoll_pwait2
  struct timespec t = { .tv_sec = 0, .tv_nsec = (long)(until - now) };
  int n = (int)syscall(SYS_epoll_pwait2, epoll_fd, events, room, &t, NULL, 0);
  if (n >= 0 || errno != ENOSYS) return n;
#endif
  return epoll_wait(epoll_fd, events, room, (int)((until - now) / MS));
}

static void loop(void) {
  struct epoll_event events[256];
  uint64_t next_tick = 0;
  now = started_at = clock_now();
  register_more();
  while (phase != UNREGISTERING || in_flight > 0 || next_phone < end_phone) {
    int n = wait_for_events(events, 256);
    now = clock_now();
    for (int i = 0; i < n; i++) {
      struct phone *p = events[i].data.ptr;
      if (i % 16 == 15) now = clock_now();
      if (!option.tcp) read_datagram(p);
      else if (!p->dead && events[i].events & EPOLLOUT) flush_out(p);
      if (option.tcp && !p->dead && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_stream(p);
    }
    if (now >= next_tick) tick(), next_tick = now + TIMER_TICK;
    advance();
  }
}

/* ---- State between offline and drain: the run, then one accepted message a line ---- */

static void save_state(void) {
  FILE *f = fopen(option.state, "w");
  if (!f) fail(option.state);
  fprintf(f, "%08x %d %d\n", run_id, option.users, option.body);
  for (int i = 0; i < half; i++)
    for (uint32_t s = 0; s < pairs[i].count; s++) fprintf(f, "%d %u %u\n", i, s, pairs[i].fates[s].status);
  if (fclose(f) != 0) fail(option.state);
}

static void load_state(void) {
  FILE *f = fopen(option.state, "r");
  unsigned sender, sequence, status;
  int users;
  if (!f || fscanf(f, "%x %d %d", &run_id, &users, &option.body) != 3 || users != option.users) fail("--state is not of such a run");
  while (fscanf(f, "%u %u %u", &sender, &sequence, &status) == 3) {
    if (sender >= (unsigned)half) continue;
    struct pair *pair = &pairs[sender];
    if (sequence >= pair->room) {
      uint32_t room = (sequence + 1) * 2;
      pair->fates = realloc(pair->fates, room * sizeof *pair->fates);
      if (!pair->fates) fail("memory");
      memset(pair->fates + pair->room, 0, (room - pair->room) * sizeof *pair->fates);
      pair->room = room;
    }
    pair->fates[sequence].status = (uint16_t)status;
    if (sequence >= pair->count) pair->count = sequence + 1;
    if (status == 202) tally.accepted++;
  }
  fclose(f);
}

/* ---- Report ---- */

static int report(void) {
  uint64_t lost = 0, unanswered = 0;
  for (int i = 0; i < half; i++)
    for (uint32_t s = 0; s < pairs[i].count; s++) {
      struct fate fate = pairs[i].fates[s];
      bool promised = fate.status == 200 || fate.status == 202;
      if (promised && !fate.branch && !offline()) lost++;
      if (!promised && fate.branch) unanswered++;
    }
  if (drain()) window_from = started_at, window_to = last_delivery, tally.in_window = tally.delivered;
  double span = (double)(window_to - window_from) / 1e9;
  double server = usage_to.server - usage_from.server, own = usage_to.generator - usage_from.generator;
  double machine = usage_to.machine - usage_from.machine, per = span > 0 ? 1 / span : 0;
  uint64_t expected = (uint64_t)(end_phone - first_phone);
  uint64_t faults = lost + tally.again_new + tally.wrong + tally.not_from_receiver + tally.failed + tally.timeouts +
    tally.connections_lost + (expected - tally.registered) + tally.out_of_order;
  printf("{\"mode\":\"%s\",\"transport\":\"%s\",\"digest\":%s,\"users\":%d,\"rate\":%g,\"body\":%d,\"registered\":%lu,\n", option.mode,
    option.tcp ? "tcp" : "udp", option.password ? "true" : "false", option.users, option.rate, option.body, tally.registered);
  printf(" \"sent\":%lu,\"ok200\":%lu,\"accepted202\":%lu,\"failed\":%lu,\"timeouts\":%lu,\"delivered\":%lu,\"lost\":%lu,\n", tally.sent, tally.ok,
    tally.accepted, tally.failed, tally.timeouts, tally.delivered, lost);
  printf(" \"duplicatesNewTransaction\":%lu,\"duplicatesRetransmitted\":%lu,\"outOfOrder\":%lu,\"damaged\":%lu,\"ofOtherRuns\":%lu,\n",
    tally.again_new, tally.again_same, tally.out_of_order, tally.wrong, tally.foreign);
  printf(" \"notFromReceiver\":%lu,\"deliveredUnanswered\":%lu,\"connectionsLost\":%lu,\"retransmissions\":%lu,\"challenges\":%lu,\n",
    tally.not_from_receiver, unanswered, tally.connections_lost, tally.retransmissions, tally.challenges);
  printf(" \"serverUdpDrops\":%lu,\"seconds\":%.3f,\"messagesPerSecond\":%.1f,", udp_drops() - drops_from, span, (double)tally.in_window * per);
  printf("\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f,\n", quantile_ms(0.5), quantile_ms(0.99), (double)slowest / 1000);
  double thousands = (double)tally.in_window / 1000;
  printf(" \"serverCpuSecondsPer1000\":%.4f,\"generatorCpuSecondsPer1000\":%.4f,", thousands > 0 ? server / thousands : 0, thousands > 0 ? own / thousands : 0);
  printf("\"serverCores\":%.3f,\"generatorCores\":%.3f,\"otherCores\":%.3f,\"stealCores\":%.3f,\n", server * per, own * per,
    (machine - server - own) * per, (usage_to.steal - usage_from.steal) * per);
  printf(" \"serverRssMb\":%.1f,\"serverPssMb\":%.1f,\"statuses\":{", rss_mb, pss_mb);
  const char *comma = "";
  for (int i = 0; i < 700; i++)
    if (tally.statuses[i]) printf("%s\"%d\":%lu", comma, i, tally.statuses[i]), comma = ",";
  printf("},\"faults\":%lu}\n", faults);
  return faults > 0;
}

/* ---- Command line ---- */

static void set_server(const char *value) {
  char host[64];
  const char *colon = strrchr(value, ':');
  errno = 0;
  if (!colon || (size_t)(colon - value) >= sizeof host) fail("--server takes address:port");
  memcpy(host, value, (size_t)(colon - value));
  host[colon - value] = 0;
  option.server.sin_family = AF_INET;
  option.server.sin_port = htons((uint16_t)atoi(colon + 1));
  if (inet_pton(AF_INET, host, &option.server.sin_addr) != 1) fail("--server takes an IPv4 address");
}

static void set_pids(const char *value) {
  for (char *end; *value && option.pid_count < MAX_PIDS; value = *end == ',' ? end + 1 : end) {
    option.pids[option.pid_count++] = (int)strtol(value, &end, 10);
    if (end == value) fail("--pids takes numbers and commas");
  }
}

static void set_option(const char *name, const char *value) {
  if (!strcmp(name, "--server")) set_server(value);
  else if (!strcmp(name, "--transport")) option.tcp = !strcmp(value, "tcp");
  else if (!strcmp(name, "--mode")) option.mode = value;
  else if (!strcmp(name, "--domain")) option.domain = value;
  else if (!strcmp(name, "--password")) option.password = value;
  else if (!strcmp(name, "--state")) option.state = value;
  else if (!strcmp(name, "--users")) option.users = atoi(value);
  else if (!strcmp(name, "--body")) option.body = atoi(value);
  else if (!strcmp(name, "--messages")) option.messages = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--rate")) option.rate = atof(value);
  else if (!strcmp(name, "--seconds")) option.seconds = atof(value);
  else if (!strcmp(name, "--warmup")) option.warmup = atof(value);
  else if (!strcmp(name, "--lose")) option.lose = atof(value);
  else if (!strcmp(name, "--pids")) set_pids(value);
  else fprintf(stderr, "generator: unknown option %s\n", name), exit(2);
}

static void check_options(void) {
  errno = 0;
  if (option.server.sin_port == 0) fail("--server is missing");
  if (strcmp(option.mode, "online") && strcmp(option.mode, "offline") && strcmp(option.mode, "drain")) fail("--mode is online, offline or drain");
  if (option.users < 2 || option.users > MAX_USERS || option.users % 2) fail("--users is an even number from 2 to 20000");
  if (option.body < 1 || option.body > 60000) fail("--body is 1 to 60000 octets");
  if (!option.state && !is_online()) fail("--state FILE is needed for offline and drain");
  if (strlen(option.domain) > 100 || (option.password && strlen(option.password) > 100)) fail("--domain and --password have at most 100 octets");
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i += 2) {
    errno = 0;
    if (i + 1 == count) fail("every option takes a value; README.md lists them");
    set_option(arguments[i], arguments[i + 1]);
  }
  check_options();
  md5_prepare();
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  run_id = (uint32_t)t.tv_nsec ^ (uint32_t)t.tv_sec * 2654435761u ^ (uint32_t)getpid();
  srand48((long)run_id);
  for (int i = 0; i < DATAGRAM; i++) filler[i] = (char)('a' + i % 26);
  half = option.users / 2;
  phones = calloc((size_t)option.users, sizeof *phones);
  pairs = calloc((size_t)half, sizeof *pairs);
  idle = calloc((size_t)half, sizeof *idle);
  epoll_fd = epoll_create1(0);
  if (!phones || !pairs || !idle || epoll_fd < 0) fail("start");
  for (int i = 0; i < option.users; i++) phones[i].index = i;
  if (drain()) load_state();
  next_phone = first_phone = drain() ? half : 0;
  end_phone = offline() ? half : option.users;
  struct rlimit files = { .rlim_cur = (rlim_t)option.users + 100, .rlim_max = (rlim_t)option.users + 100 }, present;
  if (getrlimit(RLIMIT_NOFILE, &present) == 0 && present.rlim_cur < files.rlim_cur) {
    if (present.rlim_max > files.rlim_max) files.rlim_max = present.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  drops_from = udp_drops();
  alarm((unsigned)(option.warmup + option.seconds) + 150); /* whatever happens, it ends */
  loop();
  if (offline()) save_state();
  return report();
}
