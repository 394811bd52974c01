/* What a C program does today: select, read of 256 bytes, a state machine by bytes.
 * select WAY PORT SIZE FILE */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "cost.h"

static int port;
static unsigned char input[256];
static ssize_t taken, filled;
static char text[256];

static void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static int next_byte(void) {
    if (taken == filled) {
        fd_set set;
        struct timeval limit = {5, 0};
        FD_ZERO(&set);
        FD_SET(port, &set);
        if (select(port + 1, &set, NULL, NULL, &limit) <= 0) fail("no answer");
        filled = read(port, input, sizeof input);
        taken = 0;
        if (filled <= 0) fail("the port has gone");
    }
    return input[taken++];
}

static void send_all(const void *data, size_t size) {
    const unsigned char *from = data;
    while (size > 0) {
        ssize_t done = write(port, from, size);
        if (done <= 0) fail("the port takes nothing");
        from += done;
        size -= (size_t)done;
    }
}

static void send_text(const char *line) { send_all(line, strlen(line)); }

/* Takes lines up to one that begins with what is wanted; it stays in text. */
static void expect(const char *wanted) {
    do {
        size_t length = 0;
        int byte;
        while ((byte = next_byte()) != '\n' || length == 0)
            if (byte != '\r' && byte != '\n' && length < sizeof text - 1) text[length++] = (char)byte;
        text[length] = '\0';
        if (strncmp(text, "ERROR", 5) == 0) fail("the modem refuses");
    } while (strncmp(text, wanted, strlen(wanted)) != 0);
}

static void command(void) {
    send_text("AT\r");
    expect("OK");
}

static size_t retrieve(unsigned char *out, size_t room) {
    size_t count = 0;
    int escaped = 0, byte;
    send_text("AT+FTPRETR=\"f.bin\"\r");
    expect("OK");
    expect("+FTPRETR: 2");
    while ((byte = next_byte()) != 0x03 || escaped) {
        if (byte == 0x10 && !escaped) {
            escaped = 1;
            continue;
        }
        escaped = 0;
        if (count == room) fail("the file is too long");
        out[count++] = (unsigned char)byte;
    }
    expect("+FTPRETR: 1");
    return count;
}

static void store(const unsigned char *data, size_t size) {
    unsigned char part[512];
    send_text("AT+FTPSTOR=\"f.bin\"\r");
    expect("OK");
    expect("+FTPSTOR: 2");
    for (size_t at = 0; at < size;) {
        size_t length = 0;
        for (int i = 0; i < 256 && at < size; i++, at++) {
            if (data[at] == 0x03 || data[at] == 0x10) part[length++] = 0x10;
            part[length++] = data[at];
        }
        send_all(part, length);
    }
    send_text("\003");
    expect("+FTPSTOR: 1");
}

static size_t receive(unsigned char *out, size_t room) {
    size_t count = 0;
    send_text("AT+FTPGET=\"f.bin\"\r");
    expect("OK");
    expect("+FTPGET: 1");
    for (;;) {
        send_text("AT+FTPRECV=3000\r");
        expect("+FTPRECV: ");
        size_t length = strtoul(text + 10, NULL, 10);
        if (count + length > room) fail("the file is too long");
        for (size_t i = 0; i < length; i++) out[count++] = (unsigned char)next_byte();
        expect("OK");
        if (length == 0) return count;
    }
}

static void put(const unsigned char *data, size_t size) {
    for (size_t at = 0; at < size; at += 1024) {
        size_t length = size - at < 1024 ? size - at : 1024;
        char line[64];
        snprintf(line, sizeof line, "AT+FTPPUT=\"f.bin\",%zu,%d\r", length, at + length == size);
        send_text(line);
        expect("+FTPPUT: 2");
        send_all(data + at, length);
        expect("OK");
    }
    expect("+FTPPUT: 1");
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: select WAY PORT SIZE FILE");
    const char *way = argv[1];
    size_t size = strtoul(argv[3], NULL, 10);
    struct termios termios;
    port = open(argv[2], O_RDWR | O_NOCTTY);
    if (port < 0 || tcgetattr(port, &termios) != 0) fail("the port cannot be opened");
    cfmakeraw(&termios);
    termios.c_cc[VMIN] = 1;
    termios.c_cc[VTIME] = 0;
    cfsetspeed(&termios, B115200);
    tcsetattr(port, TCSANOW, &termios);
    if (strcmp(way, "at") == 0) {
        print_commands((long)size, command);
        return 0;
    }
    unsigned char *data = load(argv[4], size), *out = malloc(size + 1);
    if (out == NULL) fail("no memory");
    memset(out, 1, size);
    size_t count = size;
    double spent = processor(), start = now();
    int down = strcmp(way, "retr") == 0 || strcmp(way, "recv") == 0;
    if (strcmp(way, "retr") == 0) count = retrieve(out, size);
    else if (strcmp(way, "recv") == 0) count = receive(out, size);
    else if (strcmp(way, "stor") == 0) store(data, size);
    else put(data, size);
    print_transfer(start, spent);
    if (count != size || (down && memcmp(out, data, size) != 0)) fail("the file did not arrive as it was");
    return 0;
}
