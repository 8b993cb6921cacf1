/* MD5 (RFC 1321) for digest authentication; call md5_prepare first. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint32_t md5_table[64];

static void md5_prepare(void) {
  for (int i = 0; i < 64; i++) md5_table[i] = (uint32_t)(fabs(sin(i + 1.0)) * 4294967296.0);
}

static void md5_block(uint32_t state[4], const unsigned char *block) {
  static const unsigned char turn[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
  uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
  memcpy(word, block, 64); /* little-endian machines only, which is what epoll runs on in practice */
  for (int i = 0; i < 64; i++) {
    uint32_t mix;
    int at;
    switch (i / 16) {
      case 0: mix = (b & c) | (~b & d); at = i; break;
      case 1: mix = (d & b) | (~d & c); at = (5 * i + 1) % 16; break;
      case 2: mix = b ^ c ^ d; at = (3 * i + 5) % 16; break;
      default: mix = c ^ (b | ~d); at = (7 * i) % 16; break;
    }
    uint32_t sum = a + mix + md5_table[i] + word[at];
    int by = turn[i / 16][i % 4];
    a = d, d = c, c = b;
    b += sum << by | sum >> (32 - by);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

static void md5_hex(const char *data, size_t length, char out[33]) {
  uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
  size_t whole = length / 64 * 64, rest = length - whole;
  for (size_t i = 0; i < whole; i += 64) md5_block(state, (const unsigned char *)data + i);
  unsigned char tail[128] = { 0 };
  memcpy(tail, data + whole, rest);
  tail[rest] = 0x80;
  size_t end = rest < 56 ? 64 : 128;
  uint64_t bits = (uint64_t)length * 8;
  memcpy(tail + end - 8, &bits, 8);
  for (size_t i = 0; i < end; i += 64) md5_block(state, tail + i);
  static const char digit[] = "0123456789abcdef";
  const unsigned char *octets = (const unsigned char *)state;
  for (int i = 0; i < 16; i++) out[2 * i] = digit[octets[i] >> 4], out[2 * i + 1] = digit[octets[i] & 15];
  out[32] = 0;
}
