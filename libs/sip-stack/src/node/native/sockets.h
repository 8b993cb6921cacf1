// What datagrams.c and streams.c share: the event loop, calls into JavaScript, addresses.
#ifndef PARLEY_SOCKETS_H
#define PARLEY_SOCKETS_H

#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct uv_poll_s uv_poll_t;

// A descriptor that the event loop watches, and the function in JavaScript that hears of it. First member of its owner.
struct watch {
  napi_env env;
  napi_ref listener;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  uv_poll_t *poll;
  int fd;
  int events;
  bool closed;
  // Where octets that come lie: one buffer for many calls.
  napi_ref pool;
  uint8_t *pool_octets;
  size_t pool_used;
  // The loop and the external in JavaScript; `release` frees the owner when both have let go.
  int holders;
  void (*ready)(struct watch *, int events);
  void (*shut)(struct watch *);
  void (*release)(struct watch *);
};

enum { readable = 1, writable = 2 };

// Watches `w->fd` and gives the external that stands for the owner in JavaScript; NULL after throwing.
napi_value watch_open(napi_env env, struct watch *w, napi_value listener);
void watch_events(struct watch *w, int events);
// Closes the descriptor now; the rest follows when the loop has let go.
void watch_close(struct watch *w);
// Calls the listener with a number, a buffer with a copy of the octets and where they start in it, and runs what it put off; an
// exception becomes an uncaught one.
void watch_tell(struct watch *w, int32_t number, const void *octets, size_t length);

// An endpoint as JavaScript has it in an Int32Array: family, port, address, scope. An address of family 4 is one number, one of
// family 6 is 16 octets.
enum { endpoint_words = 7 };
union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};
void endpoint_write(const union address *from, int32_t *words);
socklen_t endpoint_read(const int32_t *words, int family, union address *to);
napi_value address_text(napi_env env, const union address *from);
int port_of(const union address *from);

// Opens and binds; -1 after throwing the error of the system. Arguments: host, port, whether to share the port.
int socket_bind(napi_env env, int type, const napi_value *at, union address *bound);
napi_value throw_errno(napi_env env, const char *call, int number);

// Unpacks the arguments of a call; gives the owner that the first one stands for, or NULL when it is closed.
struct watch *watch_argument(napi_env env, napi_callback_info info, size_t count, napi_value *values);
void plain_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);
int32_t int_of(napi_env env, napi_value value);
napi_value value_of(napi_env env, int32_t number);
// The memory of a typed array, which stays where it is as long as the reference is kept.
void *memory_of(napi_env env, napi_value array, napi_ref *keep);
void define(napi_env env, napi_value exports, const char *name, napi_callback function);

void datagrams_define(napi_env env, napi_value exports);
void streams_define(napi_env env, napi_value exports);
#endif
