/* Two more things that one can type into linphonec: its command `chat` takes the texts /composing and /read, which its own
 * library then does as a graphical client would have it do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

void linphone_chat_room_compose(void *room);
void linphone_chat_room_mark_as_read(void *room);

typedef void (*send_message)(void *room, const char *text);

void linphone_chat_room_send_message(void *room, const char *text) {
  if (strstr(text, "/composing") != NULL)
    linphone_chat_room_compose(room);
  else if (strstr(text, "/read") != NULL)
    linphone_chat_room_mark_as_read(room);
  else
    ((send_message)dlsym(RTLD_NEXT, "linphone_chat_room_send_message"))(room, text);
}
