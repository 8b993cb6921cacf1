#include "sockets.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

// Of libuv, whose binary interface is fixed within its major version 1. Its headers do not come with Node-API's.
enum { uv_poll_type = 8 };
// Octets of a buffer that many calls share. One for each call would be made and collected at every wake-up; in a larger one, a
// message that stays would keep more of what came beside it.
enum { pool_size = 16384 };
struct uv_loop_s;
extern size_t uv_handle_size(int type);
extern int uv_poll_init(struct uv_loop_s *, uv_poll_t *, int fd);
extern int uv_poll_start(uv_poll_t *, int events, void (*)(uv_poll_t *, int status, int events));
extern void uv_close(uv_poll_t *, void (*)(uv_poll_t *));
extern void uv_handle_set_data(uv_poll_t *, void *);
extern void *uv_handle_get_data(const uv_poll_t *);

static void let_go(struct watch *w) {
  if (--w->holders == 0) w->release(w);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  struct watch *w = uv_handle_get_data(poll);
  // A descriptor in error is both: reading and writing tell what is wrong.
  if (!w->closed) w->ready(w, status < 0 ? w->events : events);
}

static void on_loop_closed(uv_poll_t *poll) {
  struct watch *w = uv_handle_get_data(poll);
  free(poll);
  napi_remove_async_cleanup_hook(w->hook);
  let_go(w);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  watch_close(data);
  let_go(data);
}

static void on_environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  watch_close(data);
}

napi_value watch_open(napi_env env, struct watch *w, napi_value listener) {
  struct uv_loop_s *loop;
  napi_value external, name;
  w->env = env;
  w->closed = true;
  w->poll = calloc(1, uv_handle_size(uv_poll_type));
  napi_get_uv_event_loop(env, &loop);
  int failed = uv_poll_init(loop, w->poll, w->fd);
  if (failed) {
    close(w->fd);
    free(w->poll);
    if (w->shut) w->shut(w);
    w->release(w);
    return throw_errno(env, "watch", -failed);
  }
  uv_handle_set_data(w->poll, w);
  w->holders = 2;
  w->closed = false;
  napi_create_reference(env, listener, 1, &w->listener);
  napi_create_string_utf8(env, "parley:sockets", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &w->context);
  napi_add_async_cleanup_hook(env, on_environment_ends, w, &w->hook);
  napi_create_external(env, w, on_collected, NULL, &external);
  watch_events(w, readable);
  return external;
}

void watch_events(struct watch *w, int events) {
  if (w->closed || w->events == events) return;
  w->events = events;
  uv_poll_start(w->poll, events, on_ready);
}

void watch_close(struct watch *w) {
  if (w->closed) return;
  w->closed = true;
  uv_close(w->poll, on_loop_closed);
  close(w->fd);
  if (w->shut) w->shut(w);
  if (w->pool) napi_delete_reference(w->env, w->pool);
  napi_delete_reference(w->env, w->listener);
  napi_async_destroy(w->env, w->context);
}

static void new_pool(struct watch *w) {
  napi_value buffer;
  void *octets;
  if (w->pool) napi_delete_reference(w->env, w->pool);
  w->pool = NULL;
  if (napi_create_buffer(w->env, pool_size, &octets, &buffer) != napi_ok) return;
  napi_create_reference(w->env, buffer, 1, &w->pool);
  w->pool_octets = octets;
  w->pool_used = 0;
}

// Copies octets into the pool, or into a buffer of their own where they are many; gives where they start.
static int32_t lay(struct watch *w, const void *octets, size_t length, napi_value *buffer) {
  const bool fits = length <= pool_size / 4;
  if (fits && (w->pool == NULL || pool_size - w->pool_used < length)) new_pool(w);
  if (!fits || w->pool == NULL) {
    napi_create_buffer_copy(w->env, length, octets, NULL, buffer);
    return 0;
  }
  napi_get_reference_value(w->env, w->pool, buffer);
  const size_t start = w->pool_used;
  if (length > 0) memcpy(w->pool_octets + start, octets, length);
  w->pool_used += length;
  return (int32_t)start;
}

void watch_tell(struct watch *w, int32_t number, const void *octets, size_t length) {
  napi_handle_scope scope;
  napi_value listener, arguments[3], error;
  if (napi_open_handle_scope(w->env, &scope) != napi_ok) return;
  napi_get_reference_value(w->env, w->listener, &listener);
  napi_create_int32(w->env, number, &arguments[0]);
  const int32_t start = lay(w, octets, length, &arguments[1]);
  napi_create_int32(w->env, start, &arguments[2]);
  napi_status status = napi_make_callback(w->env, w->context, listener, listener, 3, arguments, NULL);
  if (status == napi_pending_exception && napi_get_and_clear_last_exception(w->env, &error) == napi_ok)
    napi_fatal_exception(w->env, error);
  napi_close_handle_scope(w->env, scope);
}

int port_of(const union address *from) { return ntohs(from->v4.sin_port); }

void endpoint_write(const union address *from, int32_t *words) {
  const uint8_t *octets = from->v6.sin6_addr.s6_addr;
  const bool six = from->any.sa_family == AF_INET6;
  const bool plain = six && !IN6_IS_ADDR_V4MAPPED(&from->v6.sin6_addr);
  memset(words, 0, endpoint_words * sizeof *words);
  words[0] = plain ? 6 : 4;
  words[1] = port_of(from);
  memcpy(words + 2, six ? octets + (plain ? 0 : 12) : (const uint8_t *)&from->v4.sin_addr, plain ? 16 : 4);
  if (plain) words[6] = (int32_t)from->v6.sin6_scope_id;
  else words[2] = (int32_t)ntohl((uint32_t)words[2]);
}

socklen_t endpoint_read(const int32_t *words, int family, union address *to) {
  const uint32_t four = htonl((uint32_t)words[2]);
  memset(to, 0, sizeof *to);
  // What the socket cannot reach gets a family that the kernel refuses.
  to->any.sa_family = (sa_family_t)(words[0] == 4 ? family : words[0] == 6 ? AF_INET6 : AF_UNIX);
  to->v4.sin_port = htons((uint16_t)words[1]);
  if (to->any.sa_family == AF_INET) {
    to->v4.sin_addr.s_addr = four;
    return sizeof to->v4;
  }
  uint8_t *octets = to->v6.sin6_addr.s6_addr;
  to->v6.sin6_scope_id = (uint32_t)words[6];
  if (words[0] == 6) memcpy(octets, words + 2, 16);
  else {
    // IPv4 in the clothes of RFC 4291 section 2.5.5.2.
    octets[10] = octets[11] = 0xff;
    memcpy(octets + 12, &four, 4);
  }
  return sizeof to->v6;
}

napi_value address_text(napi_env env, const union address *from) {
  char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], zone[IF_NAMESIZE];
  const uint8_t *octets = from->v6.sin6_addr.s6_addr;
  napi_value value;
  if (from->any.sa_family == AF_INET) inet_ntop(AF_INET, &from->v4.sin_addr, text, sizeof text);
  else if (IN6_IS_ADDR_V4MAPPED(&from->v6.sin6_addr)) inet_ntop(AF_INET, octets + 12, text, sizeof text);
  else inet_ntop(AF_INET6, octets, text, sizeof text);
  const uint32_t scope = from->any.sa_family == AF_INET6 ? from->v6.sin6_scope_id : 0;
  if (scope != 0 && if_indextoname(scope, zone)) strcat(strcat(text, "%"), zone);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

static bool address_parse(char *host, int port, union address *to) {
  memset(to, 0, sizeof *to);
  to->v4.sin_port = htons((uint16_t)port);
  to->any.sa_family = AF_INET;
  if (inet_pton(AF_INET, host, &to->v4.sin_addr) == 1) return true;
  to->any.sa_family = AF_INET6;
  char *zone = strchr(host, '%');
  if (zone) {
    *zone++ = 0;
    to->v6.sin6_scope_id = if_nametoindex(zone);
  }
  return inet_pton(AF_INET6, host, &to->v6.sin6_addr) == 1;
}

static socklen_t length_of(const union address *a) { return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6; }

int socket_bind(napi_env env, int type, const napi_value *at, union address *bound) {
  char host[128];
  size_t length;
  bool share = false;
  const int on = 1, off = 0;
  napi_get_value_string_utf8(env, at[0], host, sizeof host, &length);
  napi_get_value_bool(env, at[2], &share);
  if (!address_parse(host, int_of(env, at[1]), bound)) return throw_errno(env, "bind", EINVAL), -1;
  const int fd = socket(bound->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return throw_errno(env, "socket", errno), -1;
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bound->any.sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  socklen_t room = sizeof *bound;
  if (bind(fd, &bound->any, length_of(bound)) < 0 || getsockname(fd, &bound->any, &room) < 0 ||
      (type == SOCK_STREAM && listen(fd, 4096) < 0)) {
    const int number = errno;
    close(fd);
    return throw_errno(env, type == SOCK_STREAM ? "listen" : "bind", number), -1;
  }
  return fd;
}

napi_value throw_errno(napi_env env, const char *call, int number) {
  char text[160];
  napi_value message, error, value;
  snprintf(text, sizeof text, "%s: %s", call, strerror(number));
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &error);
  napi_set_named_property(env, error, "errno", value_of(env, -number));
  napi_create_string_utf8(env, call, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, error, "syscall", value);
  napi_throw(env, error);
  return NULL;
}

void plain_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
}

struct watch *watch_argument(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  void *data = NULL;
  plain_arguments(env, info, count, values);
  if (napi_get_value_external(env, values[0], &data) != napi_ok) return NULL;
  struct watch *w = data;
  return w->closed ? NULL : w;
}

int32_t int_of(napi_env env, napi_value value) {
  int32_t number = 0;
  napi_get_value_int32(env, value, &number);
  return number;
}

napi_value value_of(napi_env env, int32_t number) {
  napi_value value;
  napi_create_int32(env, number, &value);
  return value;
}

void *memory_of(napi_env env, napi_value array, napi_ref *keep) {
  void *data = NULL;
  napi_get_typedarray_info(env, array, NULL, NULL, &data, NULL, NULL);
  napi_create_reference(env, array, 1, keep);
  return data;
}

void define(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

static napi_value close_socket(napi_env env, napi_callback_info info) {
  napi_value given[1];
  struct watch *w = watch_argument(env, info, 1, given);
  if (w) watch_close(w);
  return NULL;
}

// (host, port, words): writes the endpoint; false when the host is no address.
static napi_value endpoint_words_of(napi_env env, napi_callback_info info) {
  napi_value given[3], value;
  char host[128] = "";
  void *words;
  union address to;
  plain_arguments(env, info, 3, given);
  napi_get_value_string_utf8(env, given[0], host, sizeof host, NULL);
  napi_get_typedarray_info(env, given[2], NULL, NULL, &words, NULL, NULL);
  const bool is_address = address_parse(host, int_of(env, given[1]), &to);
  if (is_address) endpoint_write(&to, words);
  napi_get_boolean(env, is_address, &value);
  return value;
}

NAPI_MODULE_INIT() {
  define(env, exports, "endpointWords", endpoint_words_of);
  define(env, exports, "closeSocket", close_socket);
  datagrams_define(env, exports);
  streams_define(env, exports);
  return exports;
}
