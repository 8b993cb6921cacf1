/*
 * Load generator for chat rooms: SIP INVITE + MSRP (draft-ietf-simple-chat-03), and XMPP group chat (XEP-0045) for servers
 * to compare with. One thread, epoll. R rooms of M members, of whom the first S of each room speak. README.md tells what
 * every figure means.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../md5.h"

enum { JOINING_AT_ONCE = 32, MARK = 36, MAX_PIDS = 64, READ_ROOM = 1 << 20 };
#define SECOND 1000000000ull

static struct {
  int port, rooms, members, senders, window, size, users;
  bool xmpp, answered, leave;
  double rate, seconds, warmup, drain, limit;
  const char *domain, *chat, *password, *prefix;
  int pids[MAX_PIDS], pid_count;
} option = { .rooms = 1, .members = 10, .senders = 10, .window = 1, .size = 200, .answered = true, .leave = true, .seconds = 4,
             .warmup = 1, .drain = 10, .limit = 300, .domain = "bench.test", .password = "secret", .prefix = "load" };

enum state { IDLE, ASKED, CONNECTED, JOINED, LEFT, FAILED };

struct wire {
  struct member *member;
  int fd;
  bool media, wants_out;
  char *in, *out;
  size_t in_length, in_room, out_length, out_at, out_room;
  bool dirty;
};

struct member {
  int index, room, place;
  enum state state;
  struct wire signal, media;
  int step; /* of the XMPP negotiation */
  uint64_t asked_at;
  /* SIP dialog */
  char call_id[64], tag[32], to_tag[96], target[512], routes[1024], authorization[1024];
  uint32_t cseq;
  /* MSRP */
  char to_path[512], from_path[96];
  /* what it says */
  uint32_t said, open;
  uint32_t *heard_by;    /* by sequence, modulo the window: how many heard that message */
  uint32_t *last_heard;  /* by place of the hearer: last sequence that it heard */
  char *frame;
  size_t frame_length, frame_id[2], frame_message, frame_body;
};

static struct member *members;
static int member_count, joined, failed, epoll_fd;
static uint64_t now;
static char failure[512];
static struct wire **dirty;
static int dirty_count;

static struct {
  uint64_t sent, delivered, duplicates, out_of_order, gaps, damaged, misrouted, answers, refusals, reports, closed, in, out, reads;
} count;

/* ---- Time, and how long deliveries take: 64 steps for each power of two of nanoseconds ---- */

static uint64_t clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static uint64_t delays[64 * 64], delay_count, delay_max, measure_from = UINT64_MAX, measure_to = UINT64_MAX;

static void note_delay(uint64_t nanoseconds) {
  unsigned at = (unsigned)nanoseconds;
  if (nanoseconds >= 64) {
    int power = 63 - __builtin_clzll(nanoseconds);
    at = (unsigned)((power - 5) * 64) + (unsigned)(nanoseconds >> (power - 6) & 63);
  }
  delays[at < 64 * 64 ? at : 64 * 64 - 1]++;
  delay_count++;
  if (nanoseconds > delay_max) delay_max = nanoseconds;
}

static double quantile_ms(double q) {
  uint64_t wanted = (uint64_t)(q * (double)delay_count), seen = 0;
  for (unsigned at = 0; at < 64 * 64; at++) {
    seen += delays[at];
    if (seen > wanted) return (double)(at < 64 ? at : (64ull + at % 64) << (at / 64 - 1)) / 1e6;
  }
  return (double)delay_max / 1e6;
}

/* ---- Connections ---- */

/** The server may end what it likes once everybody leaves. */
static bool leaving;

static void fail(struct member *m, const char *format, ...) {
  if (m->state == FAILED || m->state == LEFT || leaving) return;
  if (failed++ == 0) {
    int length = snprintf(failure, sizeof failure, "member %d: ", m->index);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure + length, sizeof failure - (size_t)length, format, arguments);
    va_end(arguments);
    for (char *p = failure; *p; p++) if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = ' ';
  }
  if (m->state == JOINED) joined--;
  m->state = FAILED;
}

static void watch(struct wire *w, int operation) {
  struct epoll_event event = { .events = EPOLLIN | (w->wants_out ? EPOLLOUT : 0), .data.ptr = w };
  epoll_ctl(epoll_fd, operation, w->fd, &event);
}

static void dial(struct wire *w, struct member *m, bool media, const char *host, int port) {
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
  int one = 1;
  w->member = m;
  w->media = media;
  w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (inet_pton(AF_INET, host, &to.sin_addr) != 1) to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  w->wants_out = true;
  if (w->fd < 0 || (connect(w->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)) {
    fail(m, "connect: %s", strerror(errno));
    return;
  }
  watch(w, EPOLL_CTL_ADD);
}

static void hang_up(struct wire *w) {
  struct linger at_once = { 1, 0 };
  if (w->fd <= 0) return;
  setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(w->fd);
  w->fd = -1;
}

static char *room_for(struct wire *w, size_t length) {
  if (w->out_length + length > w->out_room) {
    w->out_room = (w->out_length + length) * 2;
    w->out = realloc(w->out, w->out_room);
  }
  if (!w->dirty) {
    w->dirty = true;
    dirty[dirty_count++] = w;
  }
  w->out_length += length;
  return w->out + w->out_length - length;
}

static void say(struct wire *w, const char *format, ...) {
  char text[8192];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length > 0 && length < (int)sizeof text) memcpy(room_for(w, (size_t)length), text, (size_t)length);
}

static void flush_wire(struct wire *w) {
  while (w->fd > 0 && w->out_at < w->out_length) {
    ssize_t sent = send(w->fd, w->out + w->out_at, w->out_length - w->out_at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!w->wants_out) w->wants_out = true, watch(w, EPOLL_CTL_MOD);
      return;
    }
    if (sent < 0) {
      if (errno == ENOTCONN || errno == EINPROGRESS) return;
      count.closed++;
      fail(w->member, "send: %s", strerror(errno));
      hang_up(w);
      return;
    }
    count.out += (uint64_t)sent;
    w->out_at += (size_t)sent;
  }
  w->out_at = w->out_length = 0;
  if (w->wants_out && w->fd > 0) w->wants_out = false, watch(w, EPOLL_CTL_MOD);
}

static void flush_all(void) {
  for (int i = 0; i < dirty_count; i++) dirty[i]->dirty = false, flush_wire(dirty[i]);
  dirty_count = 0;
}

/* ---- What is said: a mark ~sender sequence due~ at the front of each text, a ! at its end ---- */

static void hex(char *to, uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; i--, value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

static bool unhex(const char *from, int digits, uint64_t *value) {
  *value = 0;
  for (int i = 0; i < digits; i++) {
    unsigned c = (unsigned char)from[i], digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 16;
    if (digit > 15) return false;
    *value = *value << 4 | digit;
  }
  return true;
}

static const char *room_name(const struct member *m) {
  static char name[80];
  snprintf(name, sizeof name, "%s%d", option.prefix, m->room);
  return name;
}

/** The octets that all messages of a member have in common, and where they differ. */
static void prepare_frame(struct member *m) {
  char *body = malloc((size_t)option.size + 1), *frame = NULL;
  for (int i = 0; i < option.size; i++) body[i] = (char)('a' + i % 26);
  body[option.size] = 0;
  body[0] = body[MARK - 1] = '~';
  hex(body + 1, (uint64_t)m->index, 6);
  memset(body + 7, '0', 24);
  body[option.size - 1] = '!';
  int length;
  if (option.xmpp) {
    length = asprintf(&frame, "<message to='%s@%s' type='groupchat'><body>%s</body></message>", room_name(m), option.chat, body);
  } else {
    char *wrapped = NULL;
    int octets = asprintf(&wrapped, "From: <sip:u%d@%s>\r\nTo: <sip:%s@%s>\r\nDateTime: 2026-01-01T00:00:00Z\r\n\r\nContent-Type: text/plain\r\n\r\n%s",
                          m->index % option.users, option.domain, room_name(m), option.chat, body);
    length = asprintf(&frame, "MSRP t#######1 SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: m%06x#######2\r\nByte-Range: 1-%d/%d\r\n%sContent-Type: message/cpim\r\n\r\n%s\r\n-------t#######1$\r\n",
                      m->to_path, m->from_path, m->index, octets, octets, option.answered ? "" : "Failure-Report: no\r\n", wrapped);
    m->frame_id[0] = (size_t)(strstr(frame, "#######1") - frame);
    m->frame_id[1] = (size_t)(strstr(frame + m->frame_id[0] + 8, "#######1") - frame);
    m->frame_message = (size_t)(strstr(frame, "#######2") - frame);
    free(wrapped);
  }
  m->frame = frame;
  m->frame_length = (size_t)length;
  m->frame_body = (size_t)(strstr(frame, body) - frame);
  free(body);
}

static void send_message(struct member *m, uint64_t due) {
  if (m->state != JOINED) return;
  if (m->frame == NULL) prepare_frame(m);
  uint32_t sequence = ++m->said;
  char *to = room_for(option.xmpp ? &m->signal : &m->media, m->frame_length);
  memcpy(to, m->frame, m->frame_length);
  if (!option.xmpp) {
    hex(to + m->frame_id[0], sequence, 8);
    hex(to + m->frame_id[1], sequence, 8);
    hex(to + m->frame_message, sequence, 8);
  }
  hex(to + m->frame_body + 7, sequence, 8);
  hex(to + m->frame_body + 15, due, 16);
  m->heard_by[sequence & 1023] = 0;
  m->open++;
  count.sent++;
}

static bool closed_loop;

/** A text reached a member; `text` begins at the mark. */
static void heard(struct member *hearer, const char *text, size_t length) {
  uint64_t sender, sequence, due;
  if (length < (size_t)option.size || text[MARK - 1] != '~' || text[option.size - 1] != '!' || !unhex(text + 1, 6, &sender) ||
      !unhex(text + 7, 8, &sequence) || !unhex(text + 15, 16, &due) || sender >= (uint64_t)member_count) {
    count.damaged++;
    return;
  }
  struct member *speaker = &members[sender];
  if (speaker->room != hearer->room || speaker->last_heard == NULL) {
    count.misrouted++;
    return;
  }
  if (speaker == hearer) return; /* the echo of an XMPP server */
  uint32_t *last = &speaker->last_heard[hearer->place];
  if (sequence == *last) count.duplicates++;
  else if (sequence < *last) count.out_of_order++;
  else if (sequence > *last + 1) count.gaps += sequence - *last - 1;
  if (sequence <= *last) return;
  *last = (uint32_t)sequence;
  count.delivered++;
  if (due >= measure_from && due < measure_to) note_delay(now > due ? now - due : 0);
  if (++speaker->heard_by[sequence & 1023] == (uint32_t)option.members - 1) {
    speaker->open--;
    if (closed_loop) send_message(speaker, clock_now());
  }
}

/* ---- SIP (RFC 3261) as much as a join takes ---- */

static const char *find(const char *from, const char *to, const char *what) {
  return memmem(from, (size_t)(to - from), what, strlen(what));
}

/** Copies the value of a header field, which stands at the beginning of a line. */
static bool field(const char *message, const char *end, const char *name, char *to, size_t room) {
  char line[64];
  snprintf(line, sizeof line, "\r\n%s:", name);
  const char *at = find(message, end, line);
  if (at == NULL) return false;
  at += strlen(line);
  while (*at == ' ') at++;
  const char *stop = find(at, end, "\r\n");
  size_t length = stop == NULL || (size_t)(stop - at) >= room ? 0 : (size_t)(stop - at);
  memcpy(to, at, length);
  to[length] = 0;
  return length > 0;
}

static void parameter(const char *fields, const char *name, char *to, size_t room) {
  char start[32];
  snprintf(start, sizeof start, "%s=\"", name);
  const char *at = strstr(fields, start), *stop = at == NULL ? NULL : strchr(at + strlen(start), '"');
  size_t length = stop == NULL ? 0 : (size_t)(stop - at) - strlen(start);
  if (length >= room) length = 0;
  if (length > 0) memcpy(to, at + strlen(start), length);
  to[length] = 0;
}

static void authorize(struct member *m, const char *challenge) {
  char realm[128], nonce[256], opaque[128], work[1024], ha1[33], ha2[33], response[33];
  parameter(challenge, "realm", realm, sizeof realm);
  parameter(challenge, "nonce", nonce, sizeof nonce);
  parameter(challenge, "opaque", opaque, sizeof opaque);
  int length = snprintf(work, sizeof work, "u%d:%s:%s", m->index % option.users, realm, option.password);
  md5_hex(work, (size_t)length, ha1);
  length = snprintf(work, sizeof work, "INVITE:sip:%s@%s", room_name(m), option.chat);
  md5_hex(work, (size_t)length, ha2);
  length = snprintf(work, sizeof work, "%s:%s:00000001:%08x:auth:%s", ha1, nonce, (unsigned)m->index, ha2);
  md5_hex(work, (size_t)length, response);
  snprintf(m->authorization, sizeof m->authorization,
           "Authorization: Digest username=\"u%d\", realm=\"%s\", nonce=\"%s\", uri=\"sip:%s@%s\", response=\"%s\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"%08x\"%s%s%s\r\n",
           m->index % option.users, realm, nonce, room_name(m), option.chat, response, (unsigned)m->index, opaque[0] ? ", opaque=\"" : "", opaque, opaque[0] ? "\"" : "");
}

static void request(struct member *m, const char *method, const char *more, const char *body) {
  char from[128], to[256];
  snprintf(from, sizeof from, "sip:u%d@%s", m->index % option.users, option.domain);
  snprintf(to, sizeof to, "sip:%s@%s", room_name(m), option.chat);
  bool in_dialog = m->to_tag[0] != 0;
  if (strcmp(method, "ACK") != 0) m->cseq++;
  say(&m->signal, "%s %s SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;rport;branch=z9hG4bK%s%s%u\r\nMax-Forwards: 70\r\nFrom: <%s>;tag=%s\r\nTo: <%s>%s%s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%sContact: <sip:u%d@127.0.0.1:9;transport=tcp>\r\n%sContent-Length: %zu\r\n\r\n%s",
      method, in_dialog ? m->target : to, m->tag, method, m->cseq, from, m->tag, to, in_dialog ? ";tag=" : "", m->to_tag, m->call_id, m->cseq,
      method, in_dialog ? m->routes : m->authorization, m->index % option.users, more, strlen(body), body);
}

static void invite(struct member *m) {
  char body[1024];
  snprintf(body, sizeof body,
           "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\na=setup:active\r\na=chatroom\r\na=path:%s\r\n",
           m->index + 1, m->from_path);
  request(m, "INVITE", "Content-Type: application/sdp\r\n", body);
}

static void begin_join(struct member *m) {
  m->state = ASKED;
  m->asked_at = clock_now();
  snprintf(m->call_id, sizeof m->call_id, "%s-%d-%d", option.prefix, (int)getpid(), m->index);
  snprintf(m->tag, sizeof m->tag, "t%d-%d", (int)getpid(), m->index);
  snprintf(m->from_path, sizeof m->from_path, "msrp://127.0.0.1:9/s%d%s%d;tcp", (int)getpid(), option.prefix, m->index);
  if (option.xmpp) say(&m->signal, "<presence to='%s@%s/n%d'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>", room_name(m), option.chat, m->index);
  else {
    dial(&m->signal, m, false, "127.0.0.1", option.port);
    invite(m);
  }
}

static void now_joined(struct member *m) {
  m->state = JOINED;
  joined++;
}

/** A 200 to INVITE: remembers the dialog, and connects to the path of the answer. */
static void accepted(struct member *m, const char *message, const char *end, const char *body) {
  char to[512] = "", contact[512] = "", path[512] = "";
  field(message, end, "To", to, sizeof to);
  field(message, end, "Contact", contact, sizeof contact);
  field(body - 2, end, "a=path", path, sizeof path);
  const char *tag = strstr(to, ";tag="), *port;
  if (tag != NULL) snprintf(m->to_tag, sizeof m->to_tag, "%s", tag + 5);
  sscanf(strchr(contact, '<') == NULL ? contact : strchr(contact, '<') + 1, "%511[^>]", m->target);
  const char *at = message;
  m->routes[0] = 0;
  while ((at = find(at, end, "\r\nRecord-Route:")) != NULL) {
    const char *stop = find(at + 2, end, "\r\n");
    size_t length = strlen(m->routes);
    at += strlen("\r\nRecord-Route:");
    if (stop != NULL) snprintf(m->routes + length, sizeof m->routes - length, "Route:%.*s\r\n", (int)(stop - at), at);
  }
  request(m, "ACK", "", "");
  snprintf(m->to_path, sizeof m->to_path, "%s", path);
  port = strncmp(path, "msrp://", 7) == 0 ? strrchr(strtok(path + 7, "/;"), ':') : NULL;
  if (port == NULL) {
    fail(m, "no path in the answer");
    return;
  }
  char host[64];
  snprintf(host, sizeof host, "%.*s", (int)(port - path - 7), path + 7);
  dial(&m->media, m, true, host, atoi(port + 1));
  say(&m->media, "MSRP tbind%04d SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: bind%06d\r\nByte-Range: 1-0/0\r\n-------tbind%04d$\r\n",
      m->index % 10000, m->to_path, m->from_path, m->index, m->index % 10000);
}

static void take_sip(struct member *m, const char *message, const char *end, const char *body) {
  if (strncmp(message, "SIP/2.0 ", 8) != 0) {
    char via[512], call_id[128], cseq[64], from[256], to[256];
    if (field(message, end, "Via", via, sizeof via) && field(message, end, "Call-ID", call_id, sizeof call_id) &&
        field(message, end, "CSeq", cseq, sizeof cseq) && field(message, end, "From", from, sizeof from) && field(message, end, "To", to, sizeof to))
      say(&m->signal, "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n", via, from, to, call_id, cseq);
    if (strncmp(message, "BYE", 3) == 0) fail(m, "BYE from the room");
    return;
  }
  int status = atoi(message + 8);
  char cseq[64] = "", challenge[1024] = "";
  field(message, end, "CSeq", cseq, sizeof cseq);
  if (status < 200) return;
  if (strstr(cseq, "BYE") != NULL) m->state = LEFT;
  else if (status == 200 && m->state == ASKED && m->to_tag[0] == 0) accepted(m, message, end, body);
  else if (status == 401 && m->authorization[0] == 0) {
    const char *at = message;
    while ((at = find(at, end, "\r\nWWW-Authenticate:")) != NULL) {
      field(at, end, "WWW-Authenticate", challenge, sizeof challenge);
      if (strcasestr(challenge, "MD5") != NULL || strcasestr(challenge, "algorithm") == NULL) break;
      at += 2;
    }
    char to[512] = "";
    field(message, end, "To", to, sizeof to);
    say(&m->signal, "ACK sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;rport;branch=z9hG4bK%sINVITE%u\r\nMax-Forwards: 70\r\nFrom: <sip:u%d@%s>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u ACK\r\nContent-Length: 0\r\n\r\n",
        room_name(m), option.chat, m->tag, m->cseq, m->index % option.users, option.domain, m->tag, to, m->call_id, m->cseq);
    authorize(m, challenge);
    invite(m);
  } else if (status >= 300) fail(m, "%.*s", 60, message);
}

/** Octets of the whole SIP message in front; 0: not all of them are there. */
static size_t read_sip(struct member *m, const char *from, const char *end) {
  const char *body = find(from, end, "\r\n\r\n");
  char digits[16] = "0";
  if (body == NULL) return 0;
  body += 4;
  field(from, body, "Content-Length", digits, sizeof digits);
  size_t length = (size_t)(body - from) + (size_t)atoi(digits);
  if ((size_t)(end - from) < length) return 0;
  take_sip(m, from, from + length, body);
  return length;
}

/* ---- MSRP (RFC 4975) ---- */

/** Octets of the whole chunk or response in front; 0: not all of them are there. */
static size_t read_msrp(struct member *m, const char *from, const char *end) {
  if (end - from < 16) return 0;
  const char *blank = memchr(from + 5, ' ', end - from > 64 ? 59 : (size_t)(end - from) - 5);
  if (blank == NULL || end - blank < 6) return 0;
  size_t id_length = (size_t)(blank - from - 5);
  char last[64];
  memcpy(last, "-------", 7);
  memcpy(last + 7, from + 5, id_length);
  const char *tail = memmem(blank, (size_t)(end - blank), last, 7 + id_length);
  if (tail == NULL || end - tail < (long)(7 + id_length + 3)) return 0;
  size_t length = (size_t)(tail - from) + 7 + id_length + 3;
  if (blank[1] == 'S') {
    const char *mark = memchr(blank, '~', (size_t)(tail - blank));
    if (mark == NULL) return length; /* a word of the room itself */
    heard(m, mark, (size_t)(tail - mark));
  } else if (blank[1] == 'R') count.reports++;
  else if (m->state == ASKED) {
    if (strncmp(blank + 1, "200", 3) == 0) now_joined(m);
    else fail(m, "binding: %.*s", 20, from);
  } else if (strncmp(blank + 1, "200", 3) == 0) count.answers++;
  else count.refusals++;
  return length;
}

/* ---- XMPP (RFC 6120, XEP-0045) ---- */

static void open_stream(struct member *m) {
  say(&m->signal, "<?xml version='1.0'?><stream:stream to='%s' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>", option.domain);
}

static void base64(const unsigned char *from, size_t length, char *to) {
  static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < length; i += 3) {
    uint32_t three = (uint32_t)from[i] << 16 | (i + 1 < length ? (uint32_t)from[i + 1] << 8 : 0) | (i + 2 < length ? from[i + 2] : 0);
    *to++ = letter[three >> 18], *to++ = letter[three >> 12 & 63];
    *to++ = i + 1 < length ? letter[three >> 6 & 63] : '=', *to++ = i + 2 < length ? letter[three & 63] : '=';
  }
  *to = 0;
}

/** What is between two stanzas: the stream's own tags end at their first >. */
static const char *stanza_end(const char *from, const char *end) {
  int depth = 0;
  for (const char *at = from; (at = memchr(at, '<', (size_t)(end - at))) != NULL;) {
    const char *stop = memchr(at, '>', (size_t)(end - at));
    if (stop == NULL) return NULL;
    if (at[1] == '?' || strncmp(at, "<stream:stream", 14) == 0 || strncmp(at, "</stream", 8) == 0) return stop + 1;
    if (at[1] == '/') depth--;
    else if (stop[-1] != '/') depth++;
    at = stop + 1;
    if (depth == 0) return at;
  }
  return NULL;
}

static void take_stanza(struct member *m, const char *from, const char *end) {
  const char *mark;
  if (strncmp(from, "<message", 8) == 0) {
    if ((mark = memchr(from, '~', (size_t)(end - from))) != NULL) heard(m, mark, (size_t)(end - mark));
    else if (find(from, end, "error") != NULL) count.refusals++;
    return;
  }
  if (m->state == ASKED && strncmp(from, "<presence", 9) == 0) {
    if (find(from, end, "'110'") != NULL || find(from, end, "\"110\"") != NULL) now_joined(m);
    else if (find(from, end, "error") != NULL) fail(m, "%.*s", 300, from);
    return;
  }
  if (m->state != IDLE || strncmp(from, "<stream:stream", 14) == 0 || from[1] == '?') return;
  if (m->step == 0 && find(from, end, "features") != NULL) {
    unsigned char plain[128];
    char text[256];
    int length = snprintf((char *)plain, sizeof plain, "%cu%d%c%s", 0, m->index % option.users, 0, option.password);
    base64(plain, (size_t)length, text);
    say(&m->signal, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", text);
    m->step = 1;
  } else if (m->step == 1 && find(from, end, "success") != NULL) {
    open_stream(m);
    m->step = 2;
  } else if (m->step == 2 && find(from, end, "features") != NULL) {
    say(&m->signal, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r%d</resource></bind></iq>", m->index);
    m->step = 3;
  } else if (m->step == 3 && strncmp(from, "<iq", 3) == 0) m->state = CONNECTED;
  else if (find(from, end, "failure") != NULL) fail(m, "%.*s", 200, from);
}

static size_t read_xmpp(struct member *m, const char *from, const char *end) {
  const char *start = memchr(from, '<', (size_t)(end - from));
  const char *stop = start == NULL ? NULL : stanza_end(start, end);
  if (stop == NULL) return 0;
  take_stanza(m, start, stop);
  return (size_t)(stop - from);
}

/* ---- The loop ---- */

static void take_all(struct wire *w) {
  char *at = w->in, *end = w->in + w->in_length;
  while (at < end) {
    size_t length = w->media ? read_msrp(w->member, at, end) : option.xmpp ? read_xmpp(w->member, at, end) : read_sip(w->member, at, end);
    if (length == 0) break;
    at += length;
  }
  w->in_length = (size_t)(end - at);
  memmove(w->in, at, w->in_length);
}

static void readable(struct wire *w) {
  if (w->in_room - w->in_length < 65536) {
    w->in_room = w->in_length + (w->media || option.xmpp ? 4 * 65536 : 65536);
    w->in = realloc(w->in, w->in_room + 1);
  }
  ssize_t length = recv(w->fd, w->in + w->in_length, w->in_room - w->in_length, 0);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (length <= 0) {
    if (!leaving) count.closed++;
    fail(w->member, "the %s connection was closed", w->media ? "MSRP" : "first");
    hang_up(w);
    return;
  }
  now = clock_now();
  count.reads++;
  count.in += (uint64_t)length;
  w->in_length += (size_t)length;
  w->in[w->in_length] = 0;
  take_all(w);
}

static void turn(uint64_t until) {
  struct epoll_event events[512];
  flush_all();
  now = clock_now();
  int wait = until <= now ? 0 : (int)((until - now) / 1000000);
  int ready = epoll_wait(epoll_fd, events, 512, wait > 10 ? 10 : wait);
  for (int i = 0; i < ready; i++) {
    struct wire *w = events[i].data.ptr;
    if (w->fd > 0 && events[i].events & EPOLLOUT) flush_wire(w);
    if (w->fd > 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(w);
  }
  flush_all();
}

/* ---- What the server and the machine spend ---- */

struct spent { double server, server_user, own, all, of[MAX_PIDS]; uint64_t at; };

static double ticks_of(int pid, double *user) {
  char path[64], line[2048];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = 0;
  char *at = strrchr(line, ')');
  unsigned long u = 0, s = 0;
  if (at != NULL) sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &s);
  *user += (double)u / 100;
  return (double)(u + s) / 100;
}

static struct spent spend(void) {
  struct spent s = { .at = clock_now() };
  struct rusage own;
  unsigned long user = 0, nice = 0, system = 0, idle, wait, irq = 0, soft = 0;
  for (int i = 0; i < option.pid_count; i++) s.server += s.of[i] = ticks_of(option.pids[i], &s.server_user);
  getrusage(RUSAGE_SELF, &own);
  s.own = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
  FILE *file = fopen("/proc/stat", "r");
  if (file != NULL) {
    if (fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle, &wait, &irq, &soft) == 7)
      s.all = (double)(user + nice + system + irq + soft) / 100;
    fclose(file);
  }
  return s;
}

/** Proportional resident memory of the server, kilobytes. @param of what each process has */
static double memory_kb(double *of) {
  double sum = 0;
  for (int i = 0; i < option.pid_count; i++) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", option.pids[i]);
    FILE *file = fopen(path, "r");
    unsigned long kb;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
      if (sscanf(line, "Pss: %lu", &kb) == 1) sum += of[i] = (double)kb;
    if (file != NULL) fclose(file);
  }
  return sum;
}

/* ---- One run ---- */

static uint64_t give_up_at;
static bool going(void) { return failed == 0 && clock_now() < give_up_at; }
static uint64_t soon(void) { return clock_now() + SECOND / 100; }

static int in_state(enum state state) {
  int found = 0;
  for (int i = 0; i < member_count; i++) found += members[i].state == state;
  return found;
}

/** XMPP negotiates a stream before anybody can join; SIP connects to ask. */
static void connect_all(void) {
  int next = 0, ready = 0;
  while (option.xmpp && going() && ready < member_count) {
    for (; next < member_count && next - ready < JOINING_AT_ONCE; next++) {
      dial(&members[next].signal, &members[next], false, "127.0.0.1", option.port);
      open_stream(&members[next]);
    }
    turn(soon());
    ready = in_state(CONNECTED);
  }
}

/** The members of the rooms in turn, so that each room is there before its crowd. */
static void join_all(void) {
  for (int next = 0; going() && joined < member_count;) {
    for (; next < member_count && next - joined < JOINING_AT_ONCE; next++)
      begin_join(&members[next % option.rooms * option.members + next / option.rooms]);
    turn(soon());
  }
}

struct result { double seconds, deliveries, server, server_user, own, others, reads; };

static struct result traffic(void) {
  struct result r = { 0 };
  int speakers = option.rooms * option.senders;
  closed_loop = option.rate <= 0;
  uint64_t start = clock_now(), from = start + (uint64_t)(option.warmup * 1e9), to = from + (uint64_t)(option.seconds * 1e9), due_count = 0;
  double messages = option.rate / (option.members - 1);
  if (closed_loop)
    for (int room = 0; room < option.rooms; room++)
      for (int s = 0; s < option.senders; s++)
        for (int w = 0; w < option.window; w++) send_message(&members[room * option.members + s], clock_now());
  struct spent before = { 0 }, after;
  uint64_t delivered_before = 0, reads_before = 0;
  while (going()) {
    uint64_t at = clock_now(), until = soon();
    if (before.at == 0 && at >= from) {
      before = spend();
      delivered_before = count.delivered;
      reads_before = count.reads;
      measure_from = before.at;
      to = before.at + (uint64_t)(option.seconds * 1e9);
    }
    if (before.at != 0 && at >= to) break;
    if (!closed_loop) {
      uint64_t due;
      while ((due = start + (uint64_t)((double)due_count * 1e9 / messages)) <= at) {
        int speaker = (int)(due_count++ % (uint64_t)speakers);
        send_message(&members[speaker / option.senders * option.members + speaker % option.senders], due);
      }
      if (due < until) until = due;
    }
    turn(until);
  }
  after = spend();
  measure_to = after.at;
  r.seconds = (double)(after.at - before.at) / 1e9;
  r.deliveries = (double)(count.delivered - delivered_before);
  r.reads = (double)(count.reads - reads_before);
  r.server = after.server - before.server;
  r.server_user = after.server_user - before.server_user;
  r.own = after.own - before.own;
  r.others = after.all - before.all - r.server - r.own;
  closed_loop = false;
  uint64_t stop = clock_now() + (uint64_t)(option.drain * 1e9);
  uint64_t expected = count.sent * (uint64_t)(option.members - 1);
  while (going() && clock_now() < stop && (count.delivered < expected || (!option.xmpp && option.answered && count.answers + count.refusals < count.sent)))
    turn(soon());
  return r;
}

static void leave_all(void) {
  uint64_t stop = clock_now() + 10 * SECOND;
  leaving = true;
  for (int i = 0; i < member_count; i++) {
    struct member *m = &members[i];
    if (m->state != JOINED) continue;
    if (option.xmpp) say(&m->signal, "</stream:stream>"), m->state = LEFT;
    else request(m, "BYE", "", "");
    if (i % 32 == 31) turn(0);
  }
  while (in_state(JOINED) > 0 && failed == 0 && clock_now() < stop) turn(soon());
}

static void read_options(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i] + 2, *value = argv[i + 1];
    if (!strcmp(name, "protocol")) option.xmpp = !strcmp(value, "xmpp");
    else if (!strcmp(name, "port")) option.port = atoi(value);
    else if (!strcmp(name, "rooms")) option.rooms = atoi(value);
    else if (!strcmp(name, "members")) option.members = atoi(value);
    else if (!strcmp(name, "senders")) option.senders = atoi(value);
    else if (!strcmp(name, "window")) option.window = atoi(value);
    else if (!strcmp(name, "size")) option.size = atoi(value);
    else if (!strcmp(name, "users")) option.users = atoi(value);
    else if (!strcmp(name, "answered")) option.answered = !strcmp(value, "yes");
    else if (!strcmp(name, "rate")) option.rate = atof(value);
    else if (!strcmp(name, "seconds")) option.seconds = atof(value);
    else if (!strcmp(name, "warmup")) option.warmup = atof(value);
    else if (!strcmp(name, "limit")) option.limit = atof(value);
    else if (!strcmp(name, "domain")) option.domain = value;
    else if (!strcmp(name, "chat")) option.chat = value;
    else if (!strcmp(name, "password")) option.password = value;
    else if (!strcmp(name, "prefix")) option.prefix = value;
    else if (!strcmp(name, "pids")) {
      for (const char *at = value; *at && option.pid_count < MAX_PIDS; at = strchr(at, ',') == NULL ? "" : strchr(at, ',') + 1)
        option.pids[option.pid_count++] = atoi(at);
    } else fprintf(stderr, "unknown option %s\n", argv[i]), exit(2);
  }
  if (option.senders > option.members) option.senders = option.members;
  member_count = option.rooms * option.members;
  if (option.users == 0) option.users = member_count;
  if (option.port == 0 || option.members < 2 || option.size < MARK + 4 || option.window > 512) fprintf(stderr, "see README.md\n"), exit(2);
}

int main(int argc, char **argv) {
  static char chat[256];
  struct rlimit files;
  read_options(argc, argv);
  if (option.chat == NULL) snprintf(chat, sizeof chat, "%s.%s", option.xmpp ? "conference" : "chat", option.domain), option.chat = chat;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  md5_prepare();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  members = calloc((size_t)member_count, sizeof *members);
  dirty = calloc((size_t)member_count * 2, sizeof *dirty);
  for (int i = 0; i < member_count; i++) {
    struct member *m = &members[i];
    m->index = i, m->room = i / option.members, m->place = i % option.members;
    if (m->place >= option.senders) continue;
    m->heard_by = calloc(1024, sizeof *m->heard_by);
    m->last_heard = calloc((size_t)option.members, sizeof *m->last_heard);
  }
  give_up_at = clock_now() + (uint64_t)(option.limit * 1e9);
  static double empty_of[MAX_PIDS], full_of[MAX_PIDS];
  double empty = memory_kb(empty_of);
  struct spent first = spend();
  connect_all();
  struct spent connected = spend();
  join_all();
  struct spent all_joined = spend();
  for (uint64_t calm = clock_now() + SECOND / 3; going() && clock_now() < calm;) turn(soon());
  double full = memory_kb(full_of);
  struct result r = { 0 };
  if (going() && option.seconds > 0) r = traffic();
  uint64_t expected = count.sent * (uint64_t)(option.members - 1);
  uint64_t lost = expected > count.delivered ? expected - count.delivered : 0;
  uint64_t unanswered = !option.xmpp && option.answered && count.sent > count.answers ? count.sent - count.answers : 0;
  if (option.leave) leave_all();
  double join_seconds = (double)(all_joined.at - connected.at) / 1e9;
  uint64_t faults = lost + count.duplicates + count.out_of_order + count.gaps + count.damaged + count.misrouted + count.refusals +
                    unanswered + count.closed + (uint64_t)failed + (joined < member_count && failed == 0 && in_state(LEFT) == 0 ? 1 : 0);
  printf("{\"joined\":%d,\"joinSeconds\":%.3f,\"joinsPerSecond\":%.1f,\"joinServerCpuMs\":%.3f,\"connectSeconds\":%.3f,\"kbPerMember\":%.1f,\"serverMb\":%.1f,",
         joined, join_seconds, member_count / join_seconds, (all_joined.server - connected.server) * 1000 / member_count,
         (double)(connected.at - first.at) / 1e9, (full - empty) / member_count, full / 1024);
  printf("\"processes\":[");
  for (int i = 0; i < option.pid_count; i++)
    printf("%s{\"pid\":%d,\"cpuMsPerJoin\":%.3f,\"kbPerMember\":%.1f}", i == 0 ? "" : ",", option.pids[i],
           (all_joined.of[i] - connected.of[i]) * 1000 / member_count, (full_of[i] - empty_of[i]) / member_count);
  printf("],");
  printf("\"sent\":%lu,\"delivered\":%lu,\"lost\":%lu,\"duplicates\":%lu,\"outOfOrder\":%lu,\"gaps\":%lu,\"damaged\":%lu,\"misrouted\":%lu,\"unanswered\":%lu,\"refusals\":%lu,\"reports\":%lu,\"closed\":%lu,",
         count.sent, count.delivered, lost, count.duplicates, count.out_of_order, count.gaps, count.damaged, count.misrouted, unanswered, count.refusals, count.reports, count.closed);
  printf("\"seconds\":%.3f,\"deliveriesPerSecond\":%.0f,\"deliveriesPerCpuSecond\":%.0f,\"cpuSecondsPerMillion\":%.2f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f,",
         r.seconds, r.seconds > 0 ? r.deliveries / r.seconds : 0, r.server > 0 ? r.deliveries / r.server : 0, r.deliveries > 0 ? r.server * 1e6 / r.deliveries : 0,
         quantile_ms(0.5), quantile_ms(0.99), (double)delay_max / 1e6);
  printf("\"serverCores\":%.3f,\"serverUserCores\":%.3f,\"generatorCores\":%.3f,\"otherCores\":%.3f,\"deliveriesPerRead\":%.1f,\"faults\":%lu,\"failure\":\"%s\"}\n",
         r.seconds > 0 ? r.server / r.seconds : 0, r.seconds > 0 ? r.server_user / r.seconds : 0, r.seconds > 0 ? r.own / r.seconds : 0,
         r.seconds > 0 ? r.others / r.seconds : 0, r.reads > 0 ? r.deliveries / r.reads : 0, faults, failure);
  return faults > 0;
}
