// TCP: one epoll instance for all connections of a listener. A turn of the event loop reads many of them and calls into
// JavaScript once; what JavaScript wrote in a turn leaves by one call.
#include "sockets.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>

// A turn: connections that became ready, connections accepted, octets of one connection and of all, entries for JavaScript.
enum { most_ready = 512, most_accepted = 64, most_read = 65536, scratch_octets = 8 * most_read, most_entries = 1024 };
// Octets of a turn from connections that had more than their share before, and the least of a share.
enum { behind_octets = 2 * most_read, least_read = 4096 };
// Times that more connections are asked for which became ready, so that it is known since when.
enum { most_collected = 16 };
// A silent peer is asked so often, a second apart, as by libuv.
enum { keep_alive_probes = 10, keep_alive_period = 1 };
// What an entry for JavaScript says of a slot. Its third number: nothing, end of the octets, nothing, octets left, errno.
enum kind { accepted, octets, ended, drained, failed };
enum { entry_words = 3, write_words = 2 };
// Marks in epoll's data that stand for no slot.
enum { mark_listener = -1, mark_wake = -2 };
enum { none = -1 };

struct connection {
  int fd;          // none when the slot is free, or closed while it waits in the queue
  int next;        // in the queue or in the list of free slots
  bool queued;
  bool ending;     // the half of ours is to be closed when all is written
  bool paused;     // nothing is read
  uint32_t events;
  // What came first of what is not read is no older than that, up to the octet so many behind; what was read before waited so long.
  uint32_t since, waited;
  int64_t marked;
  uint8_t *unsent;
  size_t start, end, room;
  union address peer;
};

struct queue { int first, last, count; };

struct streams {
  struct watch watch;  // watches the epoll instance, which is readable when one of its descriptors is ready
  int listener, wake, spare;
  bool awake;
  union address local;
  struct connection *connections;
  int room, free;
  // Those that may have something to read or room to write, and those of them that had more to read than their share.
  struct queue fresh, behind;
  size_t share;  // octets that are read of a connection now
  uint32_t now;  // milliseconds
  // Octets read since that was last asked, and the sum of the milliseconds that each may have waited.
  double read, waited;
  napi_ref kept[3];
  int32_t *arrived, *leaving;
  uint8_t *leaving_octets;
  int entries;
  size_t used;
  uint8_t scratch[scratch_octets];
};

static bool listen_for(struct streams *s, int operation, int fd, uint32_t events, int mark) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(int64_t)mark};
  return epoll_ctl(s->watch.fd, operation, fd, &event) == 0;
}

static void enter(struct streams *s, int slot, enum kind kind, int32_t value) {
  int32_t *entry = s->arrived + s->entries++ * entry_words;
  entry[0] = slot;
  entry[1] = kind;
  entry[2] = value;
}

// The queues of connections

static void enqueue(struct streams *s, struct queue *q, int slot, uint32_t events) {
  struct connection *c = &s->connections[slot];
  c->events |= events;
  if (c->queued) return;
  if (q == &s->fresh) {
    c->since = s->now;
    c->marked = 0;
  }
  c->queued = true;
  c->next = none;
  if (q->first == none) q->first = slot;
  else s->connections[q->last].next = slot;
  q->last = slot;
  q->count++;
}

static void free_slot(struct streams *s, int slot) {
  s->connections[slot].next = s->free;
  s->free = slot;
}

static int dequeue(struct streams *s, struct queue *q) {
  const int slot = q->first;
  struct connection *c = &s->connections[slot];
  q->first = c->next;
  q->count--;
  c->queued = false;
  if (c->fd == none) free_slot(s, slot);
  return slot;
}

static void close_connection(struct streams *s, int slot) {
  struct connection *c = &s->connections[slot];
  if (c->fd == none) return;
  close(c->fd);
  free(c->unsent);
  c->fd = none;
  c->unsent = NULL;
  if (!c->queued) free_slot(s, slot);
}

// Accepting

static int take_slot(struct streams *s) {
  if (s->free == none) {
    const int more = s->room ? s->room * 2 : 64;
    struct connection *grown = realloc(s->connections, (size_t)more * sizeof *grown);
    if (grown == NULL) return none;
    s->connections = grown;
    for (int slot = more - 1; slot >= s->room; slot--) {
      grown[slot] = (struct connection){.fd = none};
      free_slot(s, slot);
    }
    s->room = more;
  }
  const int slot = s->free;
  s->free = s->connections[slot].next;
  return slot;
}

static int spare_descriptor(void) {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// Without a descriptor left, a connection that waits is closed with the spare one: it would be ready for ever.
static void refuse_one(struct streams *s) {
  if (s->spare == none) return;
  close(s->spare);
  const int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  s->spare = spare_descriptor();
}

static void accept_some(struct streams *s) {
  // Another thread may have been quicker.
  if (s->spare == none) s->spare = spare_descriptor();
  for (int i = 0; i < most_accepted; i++) {
    union address peer = {0};
    socklen_t room = sizeof peer;
    const int fd = accept4(s->listener, &peer.any, &room, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) refuse_one(s);
    if (fd < 0) return;
    const int slot = take_slot(s);
    if (slot == none) {
      close(fd);
      return;
    }
    s->connections[slot] = (struct connection){.fd = fd, .peer = peer};
    if (listen_for(s, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, slot)) enter(s, slot, accepted, 0);
    else close_connection(s, slot);
  }
}

// Writing

static void end_when_written(struct connection *c) {
  if (c->ending && c->unsent == NULL) shutdown(c->fd, SHUT_WR);
}

// Gives the octets left, or -errno.
static int32_t write_unsent(struct connection *c) {
  while (c->start < c->end) {
    const ssize_t sent = send(c->fd, c->unsent + c->start, c->end - c->start, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return (int32_t)(c->end - c->start);
    if (sent < 0 && errno != EINTR) return -errno;
    if (sent > 0) c->start += (size_t)sent;
  }
  free(c->unsent);
  c->unsent = NULL;
  c->start = c->end = c->room = 0;
  end_when_written(c);
  return 0;
}

static int32_t keep_unsent(struct connection *c, const uint8_t *from, size_t length) {
  if (c->start > 0 && c->end + length > c->room) {
    memmove(c->unsent, c->unsent + c->start, c->end - c->start);
    c->end -= c->start;
    c->start = 0;
  }
  if (c->end + length > c->room) {
    // What is there is mostly all that comes until it has left.
    const size_t room = c->room ? (c->end + length) * 2 : length;
    uint8_t *grown = realloc(c->unsent, room);
    if (grown == NULL) return -ENOMEM;
    c->unsent = grown;
    c->room = room;
  }
  memcpy(c->unsent + c->end, from, length);
  c->end += length;
  return (int32_t)(c->end - c->start);
}

static int32_t write_octets(struct connection *c, const uint8_t *from, size_t length) {
  if (c->unsent) return keep_unsent(c, from, length);
  const ssize_t sent = send(c->fd, from, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == (ssize_t)length) return 0;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return -errno;
  const size_t done = sent < 0 ? 0 : (size_t)sent;
  return keep_unsent(c, from + done, length - done);
}

// Reading

// Whether the window of the peer is nearly closed: it may have much more that we do not know of.
static bool is_full(const struct connection *c) {
  uint32_t memory[2] = {0};  // octets that wait, octets that may
  socklen_t room = sizeof memory;
  return getsockopt(c->fd, SOL_SOCKET, SO_MEMINFO, memory, &room) == 0 && memory[0] > memory[1] / 2;
}

// All that was marked is read: so long it waited. What is there now is marked.
static void mark(struct streams *s, struct connection *c, bool more) {
  int there = 0;
  c->waited = s->now - c->since;
  if (!more) return;
  ioctl(c->fd, FIONREAD, &there);
  c->marked = there;
  if (!is_full(c)) c->since = s->now;
}

static void read_some(struct streams *s, int slot) {
  struct connection *c = &s->connections[slot];
  const uint32_t events = c->events;
  const ssize_t got = recv(c->fd, s->scratch + s->used, s->share, MSG_DONTWAIT);
  c->events = 0;
  if (got > 0) {
    s->used += (size_t)got;
    s->read += (double)got;
    c->marked -= got;
    // Less than there was room for is all there was; the end, where it came too, is read by itself.
    const bool more = got == (ssize_t)s->share;
    if (c->marked <= 0) mark(s, c, more);
    s->waited += (double)got * c->waited;
    enter(s, slot, octets, (int32_t)s->used);
    if (more || events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) enqueue(s, &s->behind, slot, events);
  } else if (got == 0) enter(s, slot, ended, 0);
  else if (errno == EINTR) enqueue(s, &s->behind, slot, events);
  else if (errno != EAGAIN) enter(s, slot, failed, errno);
}

static void serve(struct streams *s, int slot) {
  struct connection *c = &s->connections[slot];
  if (c->fd == none) return;
  if (c->unsent && c->events & EPOLLOUT) {
    const int32_t left = write_unsent(c);
    if (left < 0) {
      // What came before the error is there still. The system tells of that once: to read on would give the end, as if the peer might still
      // want what waits.
      const ssize_t got = c->paused ? 0 : recv(c->fd, s->scratch + s->used, s->share, MSG_DONTWAIT);
      if (got > 0) {
        s->used += (size_t)got;
        enter(s, slot, octets, (int32_t)s->used);
      }
      enter(s, slot, failed, -left);
      return;
    }
    enter(s, slot, drained, left);
  }
  c->events &= ~(uint32_t)EPOLLOUT;
  if (c->events && !c->paused) read_some(s, slot);
}

static bool collect_some(struct streams *s) {
  struct epoll_event ready[most_ready];
  const int count = epoll_wait(s->watch.fd, ready, most_ready, 0);
  for (int i = 0; i < count; i++) {
    const int mark = (int)(int64_t)ready[i].data.u64;
    if (mark >= 0) enqueue(s, &s->fresh, mark, ready[i].events);
    else if (mark == mark_listener) accept_some(s);
  }
  return count == most_ready && s->entries + most_accepted < most_entries / 2;
}

static void collect(struct streams *s) {
  for (int i = 0; i < most_collected && collect_some(s); i++) continue;
}

// What is queued and did not get its turn must wake the loop again, since epoll told of it already.
static void wake_again(struct streams *s, bool again) {
  uint64_t one = 1;
  if (s->awake == again) return;
  s->awake = again;
  if (again ? write(s->wake, &one, sizeof one) : read(s->wake, &one, sizeof one)) return;
}

static size_t share_of(int connections) {
  const size_t share = connections ? behind_octets / (size_t)connections : most_read;
  return share < least_read ? least_read : share < most_read ? share : most_read;
}

// Each of a queue has one turn at most: who is queued again comes after all others, in the next one.
static void serve_queue(struct streams *s, struct queue *q, size_t octets_end) {
  const int last = q->last;
  bool more = q->first != none;
  while (more && s->used + s->share <= octets_end && s->entries + 2 <= most_entries) {
    const int slot = dequeue(s, q);
    serve(s, slot);
    more = slot != last && q->first != none;
  }
}

static uint32_t now_in_milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return (uint32_t)((uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000);
}

// Where more comes than can be served, little is read of those who have much. What was begun (answers, by the connections of others)
// so comes to its end before more is begun, who sends little hardly waits, and the rest stays where the sender's window shows it.
static void on_ready(struct watch *w, int events) {
  struct streams *s = (struct streams *)w;
  (void)events;
  s->now = now_in_milliseconds();
  s->entries = 0;
  s->used = 0;
  collect(s);
  const int many = s->fresh.count + s->behind.count;
  s->share = share_of(s->behind.count);
  serve_queue(s, &s->behind, behind_octets);
  s->share = share_of(many);
  serve_queue(s, &s->fresh, scratch_octets);
  const bool again = s->fresh.first != none || s->behind.first != none;
  wake_again(s, again);
  if (s->entries > 0) watch_tell(w, s->entries, s->scratch, s->used);
}

static void stop_listening(struct streams *s) {
  if (s->listener != none) close(s->listener);
  s->listener = none;
}

static void on_shut(struct watch *w) {
  struct streams *s = (struct streams *)w;
  stop_listening(s);
  for (int slot = 0; slot < s->room; slot++) close_connection(s, slot);
  close(s->wake);
  if (s->spare != none) close(s->spare);
  for (int i = 0; i < 3; i++) napi_delete_reference(w->env, s->kept[i]);
}

static void release(struct watch *w) {
  free(((struct streams *)w)->connections);
  free(w);
}

// What JavaScript calls

static void set_options(int fd, int seconds) {
  const int on = 1, probes = keep_alive_probes, period = keep_alive_period;
  // Accepted connections inherit these.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &period, sizeof period);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

// (host, port, share, seconds of silence until keep-alive, arrived, leaving, octets, listener)
static napi_value open_streams(napi_env env, napi_callback_info info) {
  napi_value given[8];
  plain_arguments(env, info, 8, given);
  struct streams *s = calloc(1, sizeof *s);
  if (s == NULL) return throw_errno(env, "malloc", ENOMEM);
  s->listener = socket_bind(env, SOCK_STREAM, given, &s->local);
  if (s->listener < 0) {
    free(s);
    return NULL;
  }
  set_options(s->listener, int_of(env, given[3]));
  s->free = s->fresh.first = s->behind.first = none;
  s->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  s->spare = spare_descriptor();
  s->watch = (struct watch){.fd = epoll_create1(EPOLL_CLOEXEC), .ready = on_ready, .shut = on_shut, .release = release};
  listen_for(s, EPOLL_CTL_ADD, s->listener, EPOLLIN, mark_listener);
  listen_for(s, EPOLL_CTL_ADD, s->wake, EPOLLIN, mark_wake);
  s->arrived = memory_of(env, given[4], &s->kept[0]);
  s->leaving = memory_of(env, given[5], &s->kept[1]);
  s->leaving_octets = memory_of(env, given[6], &s->kept[2]);
  return watch_open(env, &s->watch, given[7]);
}

// (streams, entries): writes; gives how many connections have octets left or failed, and puts those first.
static napi_value write_streams(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  const int count = s ? int_of(env, given[1]) : 0;
  int32_t start = 0;
  int troubled = 0;
  for (int i = 0; i < count; i++) {
    const int32_t slot = s->leaving[i * write_words], end = s->leaving[i * write_words + 1];
    struct connection *c = &s->connections[slot];
    const int32_t left = c->fd == none ? 0 : write_octets(c, s->leaving_octets + start, (size_t)(end - start));
    start = end;
    if (left == 0) continue;
    s->leaving[troubled * write_words] = slot;
    s->leaving[troubled++ * write_words + 1] = left;
  }
  return value_of(env, troubled);
}

static struct connection *connection_of(struct streams *s, int slot) {
  return s && slot >= 0 && slot < s->room && s->connections[slot].fd != none ? &s->connections[slot] : NULL;
}

// (streams, slot): closes our half when all is written.
static napi_value end_stream(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  struct connection *c = connection_of(s, int_of(env, given[1]));
  if (c) {
    c->ending = true;
    end_when_written(c);
  }
  return NULL;
}

// (streams, slot): closes at once.
static napi_value close_stream(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  const int slot = int_of(env, given[1]);
  if (connection_of(s, slot)) close_connection(s, slot);
  return NULL;
}

// (streams, slot): reads nothing more.
static napi_value pause_stream(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  struct connection *c = connection_of(s, int_of(env, given[1]));
  if (c) c->paused = true;
  return NULL;
}

// (streams, slot): reads again, also what epoll told of before.
static napi_value resume_stream(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  const int slot = int_of(env, given[1]);
  struct connection *c = connection_of(s, slot);
  if (c == NULL || !c->paused) return NULL;
  c->paused = false;
  s->now = now_in_milliseconds();
  enqueue(s, &s->fresh, slot, EPOLLIN);
  wake_again(s, true);
  return NULL;
}

// (streams): milliseconds for which an octet waited that was read since this was last asked, the least that is known of it.
static napi_value streams_delay(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct streams *s = (struct streams *)watch_argument(env, info, 1, given);
  const double delay = s && s->read > 0 ? s->waited / s->read : 0;
  if (s) s->read = s->waited = 0;
  return value_of(env, (int32_t)(delay < INT32_MAX ? delay : INT32_MAX));
}

// (streams): no connection is accepted any more.
static napi_value stop_accepting(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct streams *s = (struct streams *)watch_argument(env, info, 1, given);
  if (s) stop_listening(s);
  return NULL;
}

// (streams, slot): [local address, port, remote address, port]; of the listener, and without the remote, for slot -1.
static napi_value stream_ends(napi_env env, napi_callback_info info) {
  napi_value given[2], ends;
  struct streams *s = (struct streams *)watch_argument(env, info, 2, given);
  struct connection *c = connection_of(s, int_of(env, given[1]));
  union address local = s ? s->local : (union address){0}, remote = c ? c->peer : (union address){0};
  socklen_t room = sizeof local;
  if (c) getsockname(c->fd, &local.any, &room);
  napi_create_array_with_length(env, 4, &ends);
  napi_set_element(env, ends, 0, address_text(env, &local));
  napi_set_element(env, ends, 1, value_of(env, port_of(&local)));
  napi_set_element(env, ends, 2, address_text(env, &remote));
  napi_set_element(env, ends, 3, value_of(env, port_of(&remote)));
  return ends;
}

void streams_define(napi_env env, napi_value exports) {
  define(env, exports, "openStreams", open_streams);
  define(env, exports, "writeStreams", write_streams);
  define(env, exports, "endStream", end_stream);
  define(env, exports, "closeStream", close_stream);
  define(env, exports, "pauseStream", pause_stream);
  define(env, exports, "resumeStream", resume_stream);
  define(env, exports, "streamsDelay", streams_delay);
  define(env, exports, "stopAccepting", stop_accepting);
  define(env, exports, "streamEnds", stream_ends);
}
