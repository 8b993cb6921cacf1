/*
 * Offers a server more than it can take, over UDP or TCP: first its best, a number of requests under way at a time, then
 * multiples of it by a fixed schedule, whatever is answered. One thread, epoll, no dependencies. README.md says what every figure means.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include "../sip-text.h"

enum {
  STREAM_ROOM = 262144,
  MOST_HELD = 65536,   /* octets that the kernel did not take of a connection from which on nothing more is sent over it */
  REMEMBERED = 1 << 21, /* requests; older ones count as unanswered */
  STAGES = 12,         /* repetitions of a request until Timer F (RFC 3261 §17.1.2.2) */
  MOST_PHASES = 8,
  REGISTERING_AT_ONCE = 50,
};
static const uint64_t T1 = 500 * MS, T2 = 4 * SECOND, TIMER_F = 32 * SECOND, GRACE = 2 * SECOND;

enum class { MESSAGE, EMERGENCY, RESOURCE, REGISTER, OPTIONS, CLASSES };
static const char *const class_names[CLASSES] = { "message", "emergency", "resource", "register", "options" };

static struct {
  struct sockaddr_in server;
  bool tcp, heeds;
  int senders, receivers, under_way, pid, percent[CLASSES];
  double best, seconds, warmup, times[MOST_PHASES];
  int phases;
} option = { .senders = 200, .receivers = 200, .under_way = 200, .percent = { 0, 1, 1, 1, 1 }, .best = 10, .seconds = 12, .warmup = 4 };

struct line {
  int fd;
  uint16_t port;
  bool dead, unflushed, watches_room;
  char *in, *out;
  int in_length, out_length;
};

/* A request by its serial number. */
struct request {
  uint64_t sent, again;
  uint32_t serial, next; /* next: the one behind it among those that are repeated as often */
  uint8_t stage;
  bool open;
};

struct counts { uint64_t offered, held, good, stored, refused, other; };

static struct line *senders, *receivers;
static struct request *requests;
static struct { uint32_t first, last; } stages[STAGES];
static struct line **unflushed;
static int unflushed_count, epoll_fd, registered, registering;
static uint32_t next_serial = 1, phase_serial, run_id;
static uint64_t now, repetitions, deliveries, lag;
static struct counts counts[CLASSES];
static bool closed_loop;
static int under_way;
/* What the server asked to be left out (RFC 7339 §4). */
static struct { int loss; uint64_t until; double sequence; } asked;
static uint32_t drawn = 1;

static int draw(int below) {
  drawn ^= drawn << 13, drawn ^= drawn >> 17, drawn ^= drawn << 5;
  return (int)(drawn % (uint32_t)below);
}

/* ---- Latency in steps of a millisecond ---- */

static uint64_t latencies[32001];

static void note_latency(uint64_t ns) { latencies[ns / MS < 32000 ? ns / MS : 32000]++; }

static int quantile(double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i <= 32000; i++) total += latencies[i];
  for (int i = 0; i <= 32000; i++)
    if (total > 0 && (double)(seen += latencies[i]) >= q * (double)total) return i;
  return 0;
}

/* ---- Lines ---- */

static void watch(struct line *l, int operation, uint32_t events) {
  struct epoll_event event = { .events = events, .data.ptr = l };
  if (epoll_ctl(epoll_fd, operation, l->fd, &event) < 0) fail("epoll_ctl");
}

static void open_line(struct line *l) {
  struct sockaddr_in local = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t length = sizeof local;
  const int on = 1, room = 4194304;
  l->fd = socket(AF_INET, option.tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
  if (l->fd < 0 || (!option.tcp && bind(l->fd, (struct sockaddr *)&local, length) < 0)) fail("socket");
  if (connect(l->fd, (struct sockaddr *)&option.server, sizeof option.server) < 0) fail("connect");
  getsockname(l->fd, (struct sockaddr *)&local, &length);
  l->port = ntohs(local.sin_port);
  if (option.tcp) setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  else setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (option.tcp && (!(l->in = malloc(STREAM_ROOM)) || !(l->out = malloc(STREAM_ROOM)))) fail("memory");
  fcntl(l->fd, F_SETFL, O_NONBLOCK);
  watch(l, EPOLL_CTL_ADD, EPOLLIN);
}

static void flush_line(struct line *l) {
  if (l->dead || l->out_length == 0) return;
  const ssize_t written = send(l->fd, l->out, (size_t)l->out_length, MSG_NOSIGNAL);
  if (written > 0) {
    l->out_length -= (int)written;
    memmove(l->out, l->out + written, (size_t)l->out_length);
  }
  if ((l->out_length > 0) == l->watches_room) return;
  l->watches_room = l->out_length > 0;
  watch(l, EPOLL_CTL_MOD, l->watches_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* What a turn has for a connection leaves in one write at its end. */
static void put(struct line *l, const char *data, int length) {
  if (!option.tcp) {
    send(l->fd, data, (size_t)length, MSG_NOSIGNAL); /* one that the kernel refuses is lost */
    return;
  }
  if (l->dead || l->out_length + length > STREAM_ROOM) return;
  if (!l->unflushed) l->unflushed = true, unflushed[unflushed_count++] = l;
  memcpy(l->out + l->out_length, data, (size_t)length);
  l->out_length += length;
}

static void flush_all(void) {
  for (int i = 0; i < unflushed_count; i++) {
    unflushed[i]->unflushed = false;
    if (!unflushed[i]->watches_room) flush_line(unflushed[i]);
  }
  unflushed_count = 0;
}

/* ---- Requests: all of one follows from its number ---- */

static enum class class_of(uint32_t serial) {
  const int place = (int)(serial * 2654435761u >> 16) % 100;
  int sum = 0;
  for (int c = EMERGENCY; c < CLASSES; c++)
    if (place < (sum += option.percent[c])) return (enum class)c;
  return MESSAGE;
}

static struct line *line_of(uint32_t serial, enum class class) {
  return class == REGISTER ? &receivers[serial % (uint32_t)option.receivers] : &senders[serial % (uint32_t)option.senders];
}

static char *user(char *p, char side, uint32_t index) {
  *p++ = 's', *p++ = 'i', *p++ = 'p', *p++ = ':', *p++ = side;
  return text(number(p, index), "@localhost");
}

static char *contact(char *p, uint32_t receiver) {
  p = text(number(text(p, "Contact: <sip:r"), receiver), "@127.0.0.1:");
  p = number(p, receivers[receiver].port);
  return text(p, option.tcp ? ";transport=tcp>;expires=86400\r\n" : ">;expires=86400\r\n");
}

static char *write_request(char *p, uint32_t serial, enum class class, const struct line *l) {
  static const char *const methods[CLASSES] = { "MESSAGE", "MESSAGE", "MESSAGE", "REGISTER", "OPTIONS" };
  static const char *const extras[CLASSES] = { "", "Priority: emergency\r\n", "Resource-Priority: esnet.1\r\n", "", "" };
  const uint32_t receiver = serial % (uint32_t)option.receivers, sender = serial % (uint32_t)option.senders;
  const bool is_message = class < REGISTER;
  p = text(text(p, methods[class]), " ");
  p = is_message ? user(p, 'r', receiver) : text(p, "sip:localhost");
  p = text(p, option.tcp ? " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:" : " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:");
  p = number(text(hex32(text(number(p, l->port), ";rport;branch=z9hG4bK"), run_id), "."), serial);
  if (option.heeds) p = text(p, ";oc;oc-algo=\"loss\"");
  p = text(p, "\r\nMax-Forwards: 70\r\nFrom: <");
  p = text(class == REGISTER ? user(p, 'r', receiver) : user(p, 's', sender), ">;tag=t\r\nTo: <");
  p = class == REGISTER || is_message ? user(p, 'r', receiver) : text(p, "sip:localhost");
  p = number(text(hex32(text(p, ">\r\nCall-ID: "), run_id), "-"), serial);
  p = text(text(number(text(p, "\r\nCSeq: "), serial), " "), methods[class]);
  p = text(text(p, "\r\n"), extras[class]);
  if (class == REGISTER) p = contact(p, receiver);
  if (!is_message) return text(p, "Content-Length: 0\r\n\r\n");
  p = text(p, "Content-Type: text/plain\r\nContent-Length: 100\r\n\r\n");
  memset(p, 'x', 100);
  return p + 100;
}

static void enter_stage(struct request *r, uint8_t stage) {
  const uint64_t wait = T1 << (stage < 3 ? stage : 3);
  r->stage = stage;
  r->again += wait < T2 ? wait : T2;
  r->next = 0;
  if (stages[stage].first == 0) stages[stage].first = r->serial;
  else requests[stages[stage].last % REMEMBERED].next = r->serial;
  stages[stage].last = r->serial;
}

static void transmit(uint32_t serial) {
  char request[1024];
  const enum class class = class_of(serial);
  struct line *l = line_of(serial, class);
  put(l, request, (int)(write_request(request, serial, class, l) - request));
}

static bool is_left_out(enum class class) {
  return option.heeds && !closed_loop && class != REGISTER && class != EMERGENCY && class != RESOURCE && now < asked.until && draw(100) < asked.loss;
}

/* Sends the next request, unless its connection takes nothing, or the server asked for less. */
static void send_next(void) {
  const uint32_t serial = next_serial++;
  const enum class class = class_of(serial);
  struct request *r = &requests[serial % REMEMBERED];
  r->open = false;
  counts[class].offered++;
  if (line_of(serial, class)->out_length > MOST_HELD || is_left_out(class)) {
    counts[class].held++;
    return;
  }
  *r = (struct request){ .sent = now, .again = now, .serial = serial, .open = true };
  under_way++;
  if (!option.tcp) enter_stage(r, 0);
  transmit(serial);
}

/* Timers E and F. */
static void repeat(void) {
  for (uint8_t stage = 0; !option.tcp && stage < STAGES; stage++)
    while (stages[stage].first != 0) {
      struct request *r = &requests[stages[stage].first % REMEMBERED];
      if (r->open && r->again > now) break;
      stages[stage].first = r->next;
      if (!r->open || r->serial < phase_serial || now - r->sent >= TIMER_F || stage + 1 == STAGES) continue;
      repetitions++;
      transmit(r->serial);
      enter_stage(r, stage + 1);
    }
}

/* ---- What comes ---- */

static void heed(struct slice via) {
  const char *oc = memmem(via.at, (size_t)via.length, ";oc=", 4), *order = memmem(via.at, (size_t)via.length, ";oc-seq=", 8);
  const char *validity = memmem(via.at, (size_t)via.length, ";oc-validity=", 13);
  if (!oc || !order || strtod(order + 8, NULL) <= asked.sequence) return;
  asked.sequence = strtod(order + 8, NULL);
  asked.loss = atoi(oc + 4);
  asked.until = now + (validity ? (uint64_t)atoi(validity + 13) : 500) * MS;
}

static void on_response(const struct header_lines *h) {
  const struct slice branch = via_branch(h);
  char mark[24];
  *hex32(text(mark, "z9hG4bK"), run_id) = 0;
  if (h->status < 200 || branch.length < 17 || memcmp(branch.at, mark, 15) != 0) return;
  if (option.heeds && h->via_count > 0) heed(h->vias[0]);
  const uint32_t serial = (uint32_t)strtoul(branch.at + 16, NULL, 10);
  if (registering > 0 && h->status == 200) registered++;
  if (registering > 0) registering--;
  struct request *r = &requests[serial % REMEMBERED];
  if (!r->open || r->serial != serial || serial < phase_serial) return;
  r->open = false;
  under_way--;
  struct counts *c = &counts[class_of(serial)];
  if (now - r->sent > TIMER_F) c->other++; /* nobody waits for it any more */
  else if (h->status == 200) c->good++, note_latency(now - r->sent);
  else if (h->status == 202) c->stored++;
  else if (h->status == 503) c->refused++;
  else c->other++;
  if (closed_loop) send_next();
}

static void on_request(struct line *l, const struct header_lines *h) {
  deliveries++;
  char answer[16384], *o = text(answer, "SIP/2.0 200 OK\r\n");
  const struct slice *lines[] = { &h->from, &h->call_id, &h->cseq, &h->to };
  size_t total = 0;
  for (int i = 0; i < h->via_count; i++) total += (size_t)h->vias[i].length + 2;
  for (int i = 0; i < 4; i++) total += (size_t)lines[i]->length + 2;
  if (total > sizeof answer - 256) return;
  for (int i = 0; i < h->via_count; i++) o = text(bytes(o, h->vias[i].at, (size_t)h->vias[i].length), "\r\n");
  for (int i = 0; i < 3; i++) o = text(bytes(o, lines[i]->at, (size_t)lines[i]->length), "\r\n");
  o = text(bytes(o, h->to.at, (size_t)h->to.length), ";tag=d\r\nContent-Length: 0\r\n\r\n");
  put(l, answer, (int)(o - answer));
}

static void on_message(struct line *l, const char *from, const char *body, const char *end) {
  struct header_lines h;
  read_message(&h, from, body, end);
  if (h.status) on_response(&h);
  else on_request(l, &h);
}

static void read_stream(struct line *l) {
  const ssize_t n = recv(l->fd, l->in + l->in_length, (size_t)(STREAM_ROOM - l->in_length), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    l->dead = true;
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
    fprintf(stderr, "generator: a connection was lost\n");
    return;
  }
  l->in_length += (int)n;
  const char *at = l->in, *end = l->in + l->in_length;
  while (at < end) {
    if (*at == '\r' || *at == '\n') { at++; continue; }
    const char *empty = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
    const int length = empty ? content_length(at, empty + 4) : 0;
    if (!empty || length > end - empty - 4) break;
    on_message(l, at, empty + 4, empty + 4 + length);
    at = empty + 4 + length;
  }
  l->in_length = (int)(end - at);
  memmove(l->in, at, (size_t)l->in_length);
}

static void read_datagrams(struct line *l) {
  static char datagram[65536];
  for (int i = 0; i < 64; i++) {
    const ssize_t n = recv(l->fd, datagram, sizeof datagram, 0);
    if (n < 12) return;
    const char *empty = memmem(datagram, (size_t)n, "\r\n\r\n", 4);
    if (empty) on_message(l, datagram, empty + 4, datagram + n);
  }
}

static void turn(int milliseconds) {
  struct epoll_event events[256];
  const int count = epoll_wait(epoll_fd, events, 256, milliseconds);
  now = clock_now();
  for (int i = 0; i < count; i++) {
    struct line *l = events[i].data.ptr;
    if (!option.tcp) read_datagrams(l);
    else if (!l->dead && events[i].events & EPOLLOUT) flush_line(l);
    if (option.tcp && !l->dead && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_stream(l);
  }
  repeat();
  flush_all();
}

/* ---- Phases ---- */

static void register_all(void) {
  for (int i = 0; i < option.senders; i++) open_line(&senders[i]);
  for (int i = 0; i < option.receivers; i++) {
    char request[1024];
    open_line(&receivers[i]);
    registering++;
    next_serial = (uint32_t)option.receivers + (uint32_t)i; /* whose receiver is i */
    put(&receivers[i], request, (int)(write_request(request, next_serial, REGISTER, &receivers[i]) - request));
    flush_all();
    const uint64_t until = clock_now() + 20 * SECOND;
    while (registering >= (i + 1 < option.receivers ? REGISTERING_AT_ONCE : 1) && clock_now() < until) turn(20);
  }
  if (registered < option.receivers) fail("not all receivers could register");
  next_serial++;
}

struct usage { double server, own; };

static struct usage usage_now(void) {
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  return (struct usage){ process_cpu(option.pid), (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6 };
}

static void reset(void) {
  memset(counts, 0, sizeof counts);
  memset(latencies, 0, sizeof latencies);
  repetitions = deliveries = lag = 0;
}

static double report(double times, double seconds, struct usage from) {
  const struct usage to = usage_now();
  uint64_t good = 0, offered = 0;
  for (int c = 0; c < CLASSES; c++) good += counts[c].good + counts[c].stored, offered += counts[c].offered;
  printf("{\"times\":%g,\"seconds\":%.3f,\"offered\":%.1f,\"good\":%.1f,\"serverCpu\":%.3f,\"generatorCpu\":%.3f,\"lagMs\":%.1f,", times, seconds,
    (double)offered / seconds, (double)good / seconds, to.server - from.server, to.own - from.own, (double)lag / MS);
  printf("\"p50Ms\":%d,\"p99Ms\":%d,\"repeated\":%.1f,\"delivered\":%.1f,\"classes\":{", quantile(0.5), quantile(0.99), (double)repetitions / seconds, (double)deliveries / seconds);
  for (int c = 0; c < CLASSES; c++)
    printf("%s\"%s\":{\"offered\":%lu,\"held\":%lu,\"good\":%lu,\"stored\":%lu,\"refused\":%lu,\"other\":%lu}", c ? "," : "", class_names[c],
      counts[c].offered, counts[c].held, counts[c].good, counts[c].stored, counts[c].refused, counts[c].other);
  printf("}}\n");
  fflush(stdout);
  return (double)good / seconds;
}

/* Half of the time goes by before it counts. */
static double measure_best(double seconds) {
  const uint64_t begun = now = clock_now(), from = begun + (uint64_t)(seconds / 2 * 1e9), until = begun + (uint64_t)(seconds * 1e9);
  closed_loop = true;
  while (under_way < option.under_way) send_next();
  while (now < from) turn(20);
  reset();
  const struct usage before = usage_now();
  const uint64_t measured_from = now;
  while (now < until) turn(20);
  closed_loop = false;
  return report(0, (double)(now - measured_from) / 1e9, before);
}

/* What is under way ends or is forgotten. */
static void settle(void) {
  const uint64_t until = now + GRACE;
  while (now < until) turn(20);
  phase_serial = next_serial;
  under_way = 0;
  memset(stages, 0, sizeof stages);
}

static void offer(double times, double rate) {
  const uint64_t begun = now = clock_now(), warm = begun + (uint64_t)(option.warmup * 1e9), until = begun + (uint64_t)(option.seconds * 1e9);
  struct usage before = usage_now();
  uint64_t measured_from = begun;
  double sent = 0;
  while (now < until) {
    if (measured_from == begun && now >= warm) reset(), before = usage_now(), measured_from = now;
    const double due = (double)(now - begun) / 1e9 * rate;
    if (due - sent > rate * (double)lag / 1e9) lag = (uint64_t)((due - sent) / rate * 1e9);
    for (int i = 0; i < 1000 && sent < due; i++, sent++) send_next();
    flush_all();
    turn(sent < due ? 0 : 1);
  }
  report(times, (double)(now - measured_from) / 1e9, before);
}

/* ---- Command line ---- */

static void set_server(const char *value) {
  char host[64];
  const char *colon = strrchr(value, ':');
  if (!colon || (size_t)(colon - value) >= sizeof host) fail("--server takes address:port");
  memcpy(host, value, (size_t)(colon - value));
  host[colon - value] = 0;
  option.server.sin_family = AF_INET;
  option.server.sin_port = htons((uint16_t)atoi(colon + 1));
  if (inet_pton(AF_INET, host, &option.server.sin_addr) != 1) fail("--server takes an IPv4 address");
}

static void set_option(const char *name, const char *value) {
  for (int c = EMERGENCY; c < CLASSES; c++)
    if (strcmp(name + 2, class_names[c]) == 0) {
      option.percent[c] = atoi(value);
      return;
    }
  if (!strcmp(name, "--server")) set_server(value);
  else if (!strcmp(name, "--transport")) option.tcp = !strcmp(value, "tcp");
  else if (!strcmp(name, "--heeds")) option.heeds = atoi(value);
  else if (!strcmp(name, "--senders")) option.senders = atoi(value);
  else if (!strcmp(name, "--receivers")) option.receivers = atoi(value);
  else if (!strcmp(name, "--under-way")) option.under_way = atoi(value);
  else if (!strcmp(name, "--pid")) option.pid = atoi(value);
  else if (!strcmp(name, "--best")) option.best = atof(value);
  else if (!strcmp(name, "--seconds")) option.seconds = atof(value);
  else if (!strcmp(name, "--warmup")) option.warmup = atof(value);
  else if (!strcmp(name, "--times")) {
    for (char *end = (char *)value; *end && option.phases < MOST_PHASES; end += *end == ',') option.times[option.phases++] = strtod(end, &end);
  } else fprintf(stderr, "generator: unknown option %s\n", name), exit(2);
}

int main(int count, char **arguments) {
  for (int i = 1; i + 1 < count; i += 2) set_option(arguments[i], arguments[i + 1]);
  errno = 0;
  if (option.server.sin_port == 0 || option.pid == 0) fail("--server and --pid are needed");
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  run_id = (uint32_t)t.tv_nsec ^ (uint32_t)getpid() << 16;
  drawn = run_id | 1;
  senders = calloc((size_t)option.senders, sizeof *senders);
  receivers = calloc((size_t)option.receivers, sizeof *receivers);
  requests = calloc(REMEMBERED, sizeof *requests);
  unflushed = calloc((size_t)(option.senders + option.receivers), sizeof *unflushed);
  epoll_fd = epoll_create1(0);
  if (!senders || !receivers || !requests || !unflushed || epoll_fd < 0) fail("start");
  const rlim_t files = (rlim_t)(option.senders + option.receivers) + 100;
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){ files, files });
  alarm((unsigned)(option.best + (option.seconds + option.best + 5) * option.phases) + 120); /* whatever happens, it ends */
  register_all();
  double best = measure_best(option.best);
  for (int i = 0; i < option.phases; i++) {
    settle();
    offer(option.times[i], best * option.times[i]);
    settle();
    const double again = measure_best(option.best / 2);
    if (again > best) best = again;
  }
  return 0;
}
