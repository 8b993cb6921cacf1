// UDP: many datagrams in one system call, and one call into JavaScript for them.
#include "sockets.h"
#include <linux/filter.h>
#include <sys/uio.h>

// Datagrams of one system call, and how many of those follow one another before others have their turn.
enum { batch = 64, rounds = 4 };
// Nearly every datagram ends in the head of its place, so that a batch stays in the cache; the rest is touched rarely.
enum { head_octets = 2048, rest_octets = 65536 - head_octets };
// An entry in shared memory: the endpoint, where its octets end, the error that sending gave. After all: how many failed.
enum { octets_end = endpoint_words, send_error, entry_words };

// What the system tells of a socket's memory: octets that wait, octets that may, datagrams thrown away.
enum { waiting_octets = 0, most_octets = 1, thrown_away = 8, memory_words = 9 };

struct datagrams {
  struct watch watch;
  int family;
  uint32_t dropped;
  bool thinned;
  union address local;
  napi_ref kept[3];
  int32_t *in, *out;
  uint8_t *out_octets;
  struct mmsghdr received[batch], leaving[batch];
  struct iovec places[batch][2], parts[batch];
  union address from[batch], to[batch];
  uint8_t heads[batch][head_octets];
  uint8_t (*rests)[rest_octets];
  uint8_t joined[batch * head_octets];
};

static void prepare(struct datagrams *d) {
  for (int i = 0; i < batch; i++) {
    d->places[i][0] = (struct iovec){d->heads[i], head_octets};
    d->places[i][1] = (struct iovec){d->rests[i], rest_octets};
    d->received[i].msg_hdr = (struct msghdr){.msg_name = &d->from[i], .msg_iov = d->places[i], .msg_iovlen = 2};
    d->leaving[i].msg_hdr = (struct msghdr){.msg_name = &d->to[i], .msg_iov = &d->parts[i], .msg_iovlen = 1};
  }
}

static size_t octets_of(const struct datagrams *d, int count) {
  size_t sum = 0;
  for (int i = 0; i < count; i++) sum += d->received[i].msg_len;
  return sum;
}

static void join(struct datagrams *d, int count, uint8_t *to) {
  int32_t end = 0;
  for (int i = 0; i < count; i++) {
    const size_t length = d->received[i].msg_len, head = length < head_octets ? length : head_octets;
    memcpy(to + end, d->heads[i], head);
    if (length > head) memcpy(to + end + head, d->rests[i], length - head);
    end += (int32_t)length;
    endpoint_write(&d->from[i], d->in + i * entry_words);
    d->in[i * entry_words + octets_end] = end;
  }
}

static void tell(struct datagrams *d, int count) {
  const size_t octets = octets_of(d, count);
  uint8_t *joined = octets <= sizeof d->joined ? d->joined : malloc(octets);
  if (joined == NULL) return;  // lost, as datagrams may be
  join(d, count, joined);
  watch_tell(&d->watch, count, joined, octets);
  if (joined != d->joined) free(joined);
}

static int receive(struct datagrams *d) {
  for (int i = 0; i < batch; i++) d->received[i].msg_hdr.msg_namelen = sizeof d->from[i];
  return recvmmsg(d->watch.fd, d->received, batch, MSG_DONTWAIT, NULL);
}

static void on_ready(struct watch *w, int events) {
  struct datagrams *d = (struct datagrams *)w;
  if (events & writable) {
    watch_events(w, readable);
    watch_tell(w, 0, NULL, 0);
  }
  for (int round = 0; round < rounds && !w->closed; round++) {
    const int count = receive(d);
    // An error that an earlier datagram met on its way is told once and then gone.
    if (count < 0 && (errno == EAGAIN || errno == EBADF)) return;
    if (count > 0) tell(d, count);
    if (count >= 0 && count < batch) return;
  }
}

static void on_shut(struct watch *w) {
  struct datagrams *d = (struct datagrams *)w;
  for (int i = 0; i < 3; i++) napi_delete_reference(w->env, d->kept[i]);
}

static void release(struct watch *w) {
  free(((struct datagrams *)w)->rests);
  free(w);
}

// (host, port, share, receive buffer, send buffer, in, out, octets, listener)
static napi_value open_datagrams(napi_env env, napi_callback_info info) {
  napi_value given[9];
  plain_arguments(env, info, 9, given);
  struct datagrams *d = calloc(1, sizeof *d);
  uint8_t(*rests)[rest_octets] = malloc(batch * sizeof *rests);
  if (d) d->rests = rests;
  const int fd = d && rests ? socket_bind(env, SOCK_DGRAM, given, &d->local) : (throw_errno(env, "malloc", ENOMEM), -1);
  if (fd < 0) {
    free(rests);
    free(d);
    return NULL;
  }
  const int sizes[] = {int_of(env, given[3]), int_of(env, given[4])};
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sizes[0], sizeof sizes[0]);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sizes[1], sizeof sizes[1]);
  d->family = d->local.any.sa_family;
  d->watch = (struct watch){.fd = fd, .ready = on_ready, .shut = on_shut, .release = release};
  d->in = memory_of(env, given[5], &d->kept[0]);
  d->out = memory_of(env, given[6], &d->kept[1]);
  d->out_octets = memory_of(env, given[7], &d->kept[2]);
  prepare(d);
  return watch_open(env, &d->watch, given[8]);
}

static void prepare_sending(struct datagrams *d, int first, int end) {
  int32_t start = first == 0 ? 0 : d->out[(first - 1) * entry_words + octets_end];
  for (int i = first; i < end; i++) {
    const int32_t *entry = d->out + i * entry_words;
    d->leaving[i].msg_hdr.msg_namelen = endpoint_read(entry, d->family, &d->to[i]);
    d->out[i * entry_words + send_error] = 0;
    d->parts[i] = (struct iovec){d->out_octets + start, (size_t)(entry[octets_end] - start)};
    start = entry[octets_end];
  }
}

// (datagrams, first, end): sends these entries; gives the first that has to wait until the socket is writable again.
static napi_value send_datagrams(napi_env env, napi_callback_info info) {
  napi_value given[3];
  struct datagrams *d = (struct datagrams *)watch_argument(env, info, 3, given);
  const int32_t first = int_of(env, given[1]), end = int_of(env, given[2]);
  if (d == NULL) return value_of(env, end);
  int at = first, failed = 0;
  prepare_sending(d, first, end);
  while (at < end) {
    const int sent = sendmmsg(d->watch.fd, d->leaving + at, (unsigned)(end - at), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) at += sent;
    else if (errno == EAGAIN) break;
    else if (errno != EINTR) {
      d->out[at++ * entry_words + send_error] = errno;
      failed++;
    }
  }
  d->out[batch * entry_words] = failed;
  if (at < end) watch_events(&d->watch, readable | writable);
  return value_of(env, at);
}

// Thousandths of the kernel's queue that are taken, 2000 when it threw something away since this was last asked.
static int32_t fill(struct datagrams *d) {
  uint32_t memory[memory_words] = {0};
  socklen_t room = sizeof memory;
  if (getsockopt(d->watch.fd, SOL_SOCKET, SO_MEMINFO, memory, &room) != 0) return 0;
  // What the filter throws away is counted there too.
  const bool lost = !d->thinned && memory[thrown_away] != d->dropped;
  d->dropped = memory[thrown_away];
  if (lost || memory[most_octets] == 0) return lost ? 2000 : 0;
  return (int32_t)(1000.0 * memory[waiting_octets] / memory[most_octets]);
}

// (datagrams): see above
static napi_value datagrams_fill(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct datagrams *d = (struct datagrams *)watch_argument(env, info, 1, given);
  return value_of(env, d ? fill(d) : 0);
}

// What a filter sees begins with the header of UDP. It counts instructions from the one behind itself, and throws away what is
// shorter than it reads: at its first instructions that is no request, at its last ones it ended without what was looked for.
enum { udp_header = 8, first_octets = 4, in_all = 1000, lower_case = 0x20202020 };
#define four(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define load_octets(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, udp_header + (at))
#define if_equal(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
// A filter has no loops: so many looks, each so many octets further, of so many instructions. The system limits their number.
enum { looks = 180, each_look = 5, look_size = 8, most_instructions = 32 + looks * look_size };

// Whether "priority" is there, by which Priority and Resource-Priority begin or end (RFC 3261 §20.26, RFC 4412 §3.1): four of its
// octets fill one of any five looks. It may be in the body too; what is let in for no good reason is decided about once it is read.
static int look_for_priority(struct sock_filter *code) {
  int n = 0;
  for (int look = 0; look < looks; look++) {
    const struct sock_filter one[look_size] = {
        load_octets(first_octets + look * each_look),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, lower_case),
        if_equal(four('p', 'r', 'i', 'o'), 4, 0),
        if_equal(four('r', 'i', 'o', 'r'), 3, 0),
        if_equal(four('i', 'o', 'r', 'i'), 2, 0),
        if_equal(four('o', 'r', 'i', 't'), 1, 0),
        if_equal(four('r', 'i', 't', 'y'), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    memcpy(code + n, one, sizeof one);
    n += look_size;
  }
  return n;
}

// Lets in a part of the requests that can wait, by their first octets; all else as it comes: answers, and calls for help above all.
static int let_in(int fd, uint32_t below) {
  const struct sock_filter beginning[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, udp_header + first_octets, 0, 19),
      load_octets(0),
      if_equal(four('M', 'E', 'S', 'S'), 3, 0),
      if_equal(four('S', 'U', 'B', 'S'), 14, 0),
      if_equal(four('P', 'U', 'B', 'L'), 13, 0),
      if_equal(four('O', 'P', 'T', 'I'), 12, 14),
      // "MESSAGE urn:service:sos" (RFC 5031 §4.1)
      load_octets(8),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, lower_case),
      if_equal(four('u', 'r', 'n', ':'), 0, 9),
      load_octets(12),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, lower_case),
      if_equal(four('s', 'e', 'r', 'v'), 0, 6),
      load_octets(16),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, lower_case),
      if_equal(four('i', 'c', 'e', ':'), 0, 3),
      load_octets(19),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, lower_case),
      if_equal(four(':', 's', 'o', 's'), 2, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, below, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
  };
  const struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
  const int first = sizeof beginning / sizeof *beginning;
  struct sock_filter code[most_instructions];
  memcpy(code, beginning, sizeof beginning);
  const int length = first + look_for_priority(code + first);
  code[length] = none;
  struct sock_fprog program = {(unsigned short)(length + 1), code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0) return 0;
  // Where the system takes none so long, what begins like this alone is told apart.
  code[first] = none;
  program.len = (unsigned short)(first + 1);
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// (datagrams, part): has the kernel let in so many thousandths of the requests that can wait, before they are in its queue
static napi_value thin_datagrams(napi_env env, napi_callback_info info) {
  napi_value given[2], done;
  struct datagrams *d = (struct datagrams *)watch_argument(env, info, 2, given);
  const int32_t part = int_of(env, given[1]);
  const int none = 0;
  if (d && part < in_all) d->thinned = let_in(d->watch.fd, (uint32_t)((uint64_t)UINT32_MAX * (uint32_t)part / in_all)) == 0;
  else if (d && d->thinned) {
    fill(d);
    d->thinned = setsockopt(d->watch.fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none) != 0;
  }
  napi_get_boolean(env, d && d->thinned == (part < in_all), &done);
  return done;
}

// (datagrams, index): the address that this entry of the last batch came from
static napi_value datagram_source(napi_env env, napi_callback_info info) {
  napi_value given[2];
  struct datagrams *d = (struct datagrams *)watch_argument(env, info, 2, given);
  return d ? address_text(env, &d->from[int_of(env, given[1]) % batch]) : NULL;
}

// (datagrams): [address, port]
static napi_value datagrams_local(napi_env env, napi_callback_info info) {
  napi_value given[1], pair;
  struct datagrams *d = (struct datagrams *)watch_argument(env, info, 1, given);
  napi_create_array_with_length(env, 2, &pair);
  if (d) {
    napi_set_element(env, pair, 0, address_text(env, &d->local));
    napi_set_element(env, pair, 1, value_of(env, port_of(&d->local)));
  }
  return pair;
}

void datagrams_define(napi_env env, napi_value exports) {
  define(env, exports, "openDatagrams", open_datagrams);
  define(env, exports, "sendDatagrams", send_datagrams);
  define(env, exports, "datagramsFill", datagrams_fill);
  define(env, exports, "thinDatagrams", thin_datagrams);
  define(env, exports, "datagramSource", datagram_source);
  define(env, exports, "datagramsLocal", datagrams_local);
}
