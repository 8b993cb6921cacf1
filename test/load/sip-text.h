/* What load generators of SIP share: time, writing and reading its text, and what a process has spent. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* Nanoseconds */
#define MS 1000000ull
#define SECOND (1000 * MS)

static void fail(const char *what) {
  fprintf(stderr, "generator: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(2);
}

static uint64_t clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* Writing: each returns where the next piece goes. */

static char *bytes(char *p, const char *from, size_t length) { return (char *)memcpy(p, from, length) + length; }
static char *text(char *p, const char *from) { return bytes(p, from, strlen(from)); }

static char *number(char *p, uint64_t n) {
  char digits[20];
  int at = 20;
  do digits[--at] = (char)('0' + n % 10); while (n /= 10);
  return bytes(p, digits + at, (size_t)(20 - at));
}

static char *hex32(char *p, uint32_t n) {
  for (int i = 0; i < 8; i++) *p++ = "0123456789abcdef"[n >> (28 - 4 * i) & 15];
  return p;
}

static uint32_t hash(const char *data, size_t length) { /* FNV-1a, never 0 */
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)data[i]) * 16777619u;
  return h ? h : 1;
}

/* Reading */

struct slice { const char *at; int length; };

struct header_lines {
  struct slice vias[16], from, to, call_id, cseq, challenges[8], body; /* whole lines without CRLF */
  int via_count, challenge_count, status;
  bool is_message;
};

static bool named(const char *line, int colon, const char *name, char compact) {
  if (colon == 1) return compact && (line[0] | 32) == compact;
  return (int)strlen(name) == colon && strncasecmp(line, name, (size_t)colon) == 0;
}

static void keep_line(struct header_lines *h, const char *line, int length) {
  const char *colon = memchr(line, ':', (size_t)length);
  if (!colon) return;
  int name = (int)(colon - line);
  while (name > 0 && line[name - 1] == ' ') name--;
  struct slice all = { line, length };
  if (named(line, name, "via", 'v') && h->via_count < 16) h->vias[h->via_count++] = all;
  else if (named(line, name, "from", 'f')) h->from = all;
  else if (named(line, name, "to", 't')) h->to = all;
  else if (named(line, name, "call-id", 'i')) h->call_id = all;
  else if (named(line, name, "cseq", 0)) h->cseq = all;
  else if ((named(line, name, "www-authenticate", 0) || named(line, name, "proxy-authenticate", 0)) && h->challenge_count < 8)
    h->challenges[h->challenge_count++] = all;
}

/* @param head_end just behind the empty line */
static void read_message(struct header_lines *h, const char *from, const char *head_end, const char *end) {
  memset(h, 0, sizeof *h);
  const char *line = from, *stop = head_end - 2;
  while (line < stop) {
    const char *cr = memchr(line, '\r', (size_t)(stop - line));
    int length = (int)((cr ? cr : stop) - line);
    if (line != from) keep_line(h, line, length);
    else if (length > 11 && memcmp(line, "SIP/2.0 ", 8) == 0) h->status = atoi(line + 8);
    else h->is_message = length > 8 && memcmp(line, "MESSAGE ", 8) == 0;
    line += length + 2;
  }
  h->body = (struct slice){ head_end, (int)(end - head_end) };
}

static struct slice via_branch(const struct header_lines *h) {
  if (h->via_count == 0) return (struct slice){ "", 0 };
  struct slice via = h->vias[0];
  const char *at = memmem(via.at, (size_t)via.length, ";branch=", 8);
  if (!at) return (struct slice){ "", 0 };
  at += 8;
  int length = 0;
  while (at + length < via.at + via.length && !strchr(";, \t", at[length])) length++;
  return (struct slice){ at, length };
}

static int content_length(const char *from, const char *head_end) {
  for (const char *at = from; at && at < head_end; at = memchr(at, '\n', (size_t)(head_end - at))) {
    if (*at == '\n' && ++at >= head_end) break;
    if ((*at | 32) == 'c' && head_end - at > 15 && strncasecmp(at, "content-length:", 15) == 0) return atoi(at + 15);
    if ((*at | 32) == 'l' && at[1] == ':') return atoi(at + 2);
    if (*at == '\r') break;
  }
  return 0;
}

/* Processor seconds that a process has spent. */
static double process_cpu(int pid) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *f = fopen(path, "r");
  if (!f) return 0;
  size_t n = fread(line, 1, sizeof line - 1, f);
  fclose(f);
  line[n] = 0;
  char *rest = strrchr(line, ')');
  unsigned long user = 0, system = 0;
  if (rest) sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
