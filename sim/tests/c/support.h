/* What the programs of this folder share: checks that end the program, and a plain serial client. */
#ifndef SUPPORT_H
#define SUPPORT_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlftp_sim.h>

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: %s\nlast error: %s\n", __FILE__, __LINE__, #condition,  \
                    nlftp_sim_last_error());                                                 \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

/* A passing test never waits so long. */
#define PATIENCE_MS 20000

/* Opens a port as a terminal program does. */
static inline int serial_open(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(fd >= 0);
    return fd;
}

/* Reads until what came ends with a text; gives what came. */
static inline const char *serial_until(int fd, const char *end)
{
    static char seen[65536];
    size_t length = 0;
    size_t wanted = strlen(end);
    while (length < wanted || memcmp(seen + length - wanted, end, wanted) != 0) {
        struct pollfd wait = {fd, POLLIN, 0};
        CHECK(poll(&wait, 1, PATIENCE_MS) == 1);
        CHECK(length < sizeof seen - 1);
        ssize_t count = read(fd, seen + length, 1);
        CHECK(count == 1);
        length += (size_t)count;
    }
    seen[length] = '\0';
    return seen;
}

/* Types a line and reads until a text has come. */
static inline const char *serial_ask(int fd, const char *line, const char *end)
{
    CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
    CHECK(write(fd, "\r", 1) == 1);
    return serial_until(fd, end);
}

/* Logs in at a host by FTPOPEN. */
static inline void serial_login(int fd, const char *host, unsigned port, const char *user, const char *password)
{
    char line[512];
    snprintf(line, sizeof line, "AT+FTPOPEN=\"%s\",\"%s\",\"%s\",,0,%u,0", host, user, password, port);
    serial_ask(fd, line, "+FTPOPEN: 1\r\n");
}

#endif
