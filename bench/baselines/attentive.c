/* What a program on the attentive library does: block transfers and commands; it knows no streams.
 * attentive WAY PORT SIZE FILE, built with the library's sources, with -Dprintf=unsaid, as it prints every line, and with
 * -Wl,--wrap=at_parser_alloc, as it keeps 256 bytes of an answer, which is less than a block. */
#undef printf
#include <attentive/at-unix.h>
#include <attentive/at.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cost.h"

int unsaid(const char *format, ...) {
    (void)format;
    return 0;
}

static struct at *modem;

static void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

struct at_parser *__real_at_parser_alloc(const struct at_parser_callbacks *, size_t, void *);
struct at_parser *__wrap_at_parser_alloc(const struct at_parser_callbacks *callbacks, size_t size, void *private) {
    (void)size;
    return __real_at_parser_alloc(callbacks, 8192, private);
}

static void ignore(const char *line, size_t length, void *arg) {
    (void)line, (void)length, (void)arg;
}

static const struct at_callbacks callbacks = {.handle_urc = ignore};

static enum at_response_type finds_data(const char *line, size_t length, void *arg) {
    unsigned size;
    (void)length, (void)arg;
    if (sscanf(line, "+FTPRECV: %u", &size) != 1 || size == 0) return AT_RESPONSE_UNKNOWN;
    return AT_RESPONSE_RAWDATA_FOLLOWS(size);
}

/* Lines up to one that begins like this; it is no final result code by the standard. */
static const char *wanted;

static enum at_response_type ends_there(const char *line, size_t length, void *arg) {
    (void)length, (void)arg;
    if (strncmp(line, wanted, strlen(wanted)) == 0) return AT_RESPONSE_FINAL;
    return AT_RESPONSE_INTERMEDIATE;
}

static const char *until(const char *line, const char *command) {
    wanted = line;
    at_set_command_scanner(modem, ends_there);
    const char *answer = at_command(modem, "%s", command);
    if (answer == NULL) fail("no answer");
    return answer;
}

static void command(void) {
    if (at_command(modem, "AT") == NULL) fail("no answer");
}

static size_t receive(unsigned char *out, size_t room) {
    size_t count = 0;
    until("+FTPGET: 1", "AT+FTPGET=\"f.bin\"");
    for (;;) {
        unsigned size = 0;
        at_set_command_scanner(modem, finds_data);
        const char *answer = at_command(modem, "AT+FTPRECV=3000");
        if (answer == NULL || sscanf(answer, "+FTPRECV: %u", &size) != 1) fail("no data");
        if (size == 0) return count;
        if (count + size > room) fail("the file is too long");
        memcpy(out + count, strchr(answer, '\n') + 1, size);
        count += size;
    }
}

static void put(const unsigned char *data, size_t size) {
    for (size_t at = 0; at < size; at += 1024) {
        size_t length = size - at < 1024 ? size - at : 1024;
        int last = at + length == size;
        char line[64];
        snprintf(line, sizeof line, "AT+FTPPUT=\"f.bin\",%zu,%d", length, last);
        until("+FTPPUT: 2", line);
        if (last) {
            wanted = "+FTPPUT: 1";
            at_set_command_scanner(modem, ends_there);
        }
        if (at_command_raw(modem, data + at, length) == NULL) fail("no answer");
    }
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: attentive WAY PORT SIZE FILE");
    const char *way = argv[1];
    size_t size = strtoul(argv[3], NULL, 10);
    /* The library sets the speed and leaves all else as it is. */
    int port = open(argv[2], O_RDWR | O_NOCTTY);
    struct termios termios;
    if (port < 0 || tcgetattr(port, &termios) != 0) fail("the port cannot be opened");
    cfmakeraw(&termios);
    termios.c_cc[VMIN] = 1;
    termios.c_cc[VTIME] = 0;
    tcsetattr(port, TCSANOW, &termios);
    modem = at_alloc_unix(argv[2], B115200);
    if (modem == NULL || at_open(modem) != 0) fail("the port cannot be opened");
    at_set_callbacks(modem, &callbacks, NULL);
    at_set_timeout(modem, 10);
    if (strcmp(way, "at") == 0) {
        print_commands((long)size, command);
        return 0;
    }
    int down = strcmp(way, "recv") == 0;
    if (!down && strcmp(way, "put") != 0) fail("attentive knows no streams");
    unsigned char *data = load(argv[4], size), *out = malloc(size + 1);
    if (out == NULL) fail("no memory");
    memset(out, 1, size);
    size_t count = size;
    double spent = processor(), start = now();
    if (down) count = receive(out, size);
    else put(data, size);
    print_transfer(start, spent);
    if (count != size || (down && memcmp(out, data, size) != 0)) fail("the file did not arrive as it was");
    return 0;
}
