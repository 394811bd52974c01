#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "check.h"

/* Ends a script whose driver neither goes on nor gives up; no right run waits so long. */
static const int HANG_MS = 90000;

void peer_open(struct peer *peer)
{
    peer->master = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(peer->master >= 0);
    CHECK(grantpt(peer->master) == 0 && unlockpt(peer->master) == 0);
    /* Only this call knows the name on every C library, and it is not for several threads. */
    static pthread_mutex_t naming = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&naming);
    const char *name = ptsname(peer->master);
    CHECK(name != NULL && strlen(name) < sizeof peer->path);
    strcpy(peer->path, name);
    pthread_mutex_unlock(&naming);
    peer->slave = open(peer->path, O_RDWR | O_NOCTTY);
    CHECK(peer->slave >= 0);
    struct termios raw;
    CHECK(tcgetattr(peer->slave, &raw) == 0);
    raw.c_iflag = 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8 | CREAD | CLOCAL;
    CHECK(tcsetattr(peer->slave, TCSANOW, &raw) == 0);
    CHECK(pipe(peer->enough) == 0);
    peer->problem[0] = '\0';
}

void peer_close(struct peer *peer)
{
    if (peer->master >= 0) {
        close(peer->master);
    }
    close(peer->slave);
    close(peer->enough[0]);
    close(peer->enough[1]);
}

/* The bytes for people. */
static void describe(char *out, size_t room, const char *data, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length && used + 5 < room; i++) {
        unsigned char letter = (unsigned char)data[i];
        bool plain = letter >= ' ' && letter < 127 && letter != '\\';
        used += (size_t)sprintf(out + used, plain ? "%c" : "\\x%02x", letter);
    }
    out[used] = '\0';
}

/* Waits until the driver has sent something: false if the script is to end. */
static bool wait_for_bytes(struct peer *peer)
{
    struct pollfd fds[2] = {{peer->master, POLLIN, 0}, {peer->enough[0], POLLIN, 0}};
    int ready;
    do {
        ready = poll(fds, 2, HANG_MS);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && (fds[0].revents & POLLIN) != 0;
}

static bool play_sends(struct peer *peer, const struct bytes *expected)
{
    char *got = check_alloc(expected->length);
    size_t count = 0;
    while (count < expected->length && wait_for_bytes(peer)) {
        ssize_t more = read(peer->master, got + count, expected->length - count);
        if (more <= 0) {
            break;
        }
        count += (size_t)more;
        if (memcmp(got, expected->data, count) != 0) {
            break;
        }
    }
    bool right = count == expected->length && memcmp(got, expected->data, count) == 0;
    if (!right) {
        char wanted[400];
        char shown[400];
        describe(wanted, sizeof wanted, expected->data, expected->length);
        describe(shown, sizeof shown, got, count);
        sprintf(peer->problem, "the driver was to send \"%s\" and sent \"%s\"", wanted, shown);
    }
    free(got);
    return right;
}

/* Consecutive answers go out at once: no time may pass between them. */
static bool play_answers(struct peer *peer, const struct step *steps, size_t count)
{
    struct pollfd more = {peer->master, POLLIN, 0};
    if (poll(&more, 1, 0) > 0 && (more.revents & POLLIN) != 0) {
        char data[200];
        char shown[400];
        ssize_t length = read(peer->master, data, sizeof data);
        describe(shown, sizeof shown, data, length > 0 ? (size_t)length : 0);
        sprintf(peer->problem, "the driver sent more: \"%s\"", shown);
        return false;
    }
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length += steps[i].bytes.length;
    }
    char *all = check_alloc(length);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + used, steps[i].bytes.data, steps[i].bytes.length);
        used += steps[i].bytes.length;
    }
    size_t written = 0;
    while (written < length) {
        ssize_t now = write(peer->master, all + written, length - written);
        if (now <= 0) {
            sprintf(peer->problem, "the port takes no answer: %s", strerror(errno));
            break;
        }
        written += (size_t)now;
    }
    free(all);
    return written == length;
}

static void *play(void *argument)
{
    struct peer *peer = argument;
    for (size_t i = 0; i < peer->step_count;) {
        const struct step *step = &peer->steps[i];
        size_t count = 1;
        bool going;
        if (step->sends) {
            going = play_sends(peer, &step->bytes);
        } else {
            while (i + count < peer->step_count && !step[count].sends) {
                count++;
            }
            going = play_answers(peer, step, count);
        }
        if (!going) {
            /* Nobody answers any more: the driver need not wait for its time limits. */
            close(peer->master);
            peer->master = -1;
            break;
        }
        i += count;
    }
    return NULL;
}

void peer_start(struct peer *peer, const struct step *steps, size_t count)
{
    peer->steps = steps;
    peer->step_count = count;
    CHECK(pthread_create(&peer->thread, NULL, play, peer) == 0);
}

bool peer_end(struct peer *peer, bool enough)
{
    char token = 0;
    if (enough) {
        CHECK(write(peer->enough[1], &token, 1) == 1);
    }
    CHECK(pthread_join(peer->thread, NULL) == 0);
    if (enough) {
        CHECK(read(peer->enough[0], &token, 1) == 1);
    }
    return peer->problem[0] == '\0';
}

struct step *peer_script(const char *const *texts, size_t *count)
{
    size_t number = 0;
    while (texts[number] != NULL) {
        number++;
    }
    struct step *steps = check_alloc((number + 1) * sizeof *steps);
    for (size_t i = 0; i < number; i++) {
        steps[i].sends = i % 2 == 0;
        steps[i].bytes.length = strlen(texts[i]);
        steps[i].bytes.data = check_copy(texts[i]);
    }
    *count = number;
    return steps;
}

void peer_script_free(struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(steps[i].bytes.data);
    }
    free(steps);
}
