#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call_table.h"
#include "check.h"
#include "events.h"
#include "rig.h"

/* What is the parent's in a child: all that belongs to a modem. Plain data can still be read. */
static bool is_the_parents(const struct api_function *function)
{
    const char *end = strstr(function->name, "_free");
    bool is_free = end != NULL && end[5] == '\0';
    return !is_free && (strcmp(function->handle, "modem") == 0 || strcmp(function->handle, "entries") == 0 ||
                        (strcmp(function->handle, "op") == 0));
}

/* In the child: 0 if all is as it should be, else a number that says where. */
static unsigned char look_around(struct things *t, const char *port)
{
    size_t asked = 0;
    for (size_t i = 0; i < api_function_count; i++) {
        const struct api_function *function = &api_functions[i];
        if (!is_the_parents(function)) {
            continue;
        }
        nlftp_status status = function->call(t);
        if (status != NLFTP_CLOSED) {
            fprintf(stderr, "in the child %s gives %d\n", function->name, (int)status);
            return 1;
        }
        asked++;
    }
    if (asked < 40) {
        return 2;
    }
    if (nlftp_op_wait(t->op, -1) != NLFTP_CLOSED || nlftp_modem_open(t->modem, NULL) != NLFTP_CLOSED ||
        nlftp_modem_close(t->modem, NULL) != NLFTP_CLOSED || nlftp_ftp_noop(t->modem, NULL) != NLFTP_CLOSED) {
        return 3;
    }
    /* What it makes itself works, here on a port that is nobody's. */
    nlftp_modem *own = new_modem_on(port);
    if (nlftp_modem_open(own, NULL) != NLFTP_OK || nlftp_modem_command(own, "AT", NULL, NULL) != NLFTP_OK ||
        nlftp_modem_close(own, NULL) != NLFTP_OK || nlftp_modem_free(own) != NLFTP_OK) {
        fprintf(stderr, "in the child: %s\n", nlftp_last_error());
        return 5;
    }
    /* Freed without a word to the parent's port and threads. */
    if (nlftp_entries_free(t->entries) != NLFTP_OK || nlftp_op_free(t->op) != NLFTP_OK ||
        nlftp_modem_free(t->modem) != NLFTP_OK || nlftp_config_free(t->config) != NLFTP_OK ||
        nlftp_login_free(t->login) != NLFTP_OK || nlftp_lines_free(t->lines) != NLFTP_OK) {
        return 4;
    }
    return 0;
}

/* A source that has no more to give in its middle, until the child was made. */
struct forking {
    const char *data;
    size_t size;
    size_t at;
    bool forked;
};

static nlftp_status read_half(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct forking *forking = user_data;
    size_t left = (forking->forked ? forking->size : forking->size / 2) - forking->at;
    *count = size < left ? size : left;
    memcpy(buffer, forking->data + forking->at, *count);
    forking->at += *count;
    return *count == 0 && !forking->forked ? NLFTP_AGAIN : NLFTP_OK;
}

/* Forks; the child tells what it found by a byte. */
static pid_t make_child(struct things *t, const char *port, int *verdict)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        unsigned char found = look_around(t, port);
        ssize_t written = write(ends[1], &found, 1);
        _exit(written == 1 ? 0 : 1);
    }
    close(ends[1]);
    *verdict = ends[0];
    return child;
}

static void expect_good_verdict(pid_t child, int from)
{
    unsigned char verdict = 99;
    ssize_t got;
    do {
        got = read(from, &verdict, 1);
    } while (got < 0 && errno == EINTR);
    CHECK(got == 1 && verdict == 0);
    close(from);
    CHECK(waitpid(child, NULL, 0) == child);
}

/* A child that uses and frees what it has got disturbs nothing: the transfer in the middle of which it was made ends
   well, and so does the next one. */
void forked_child(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct rig other;
    struct things t;
    const char *user = NULL;
    const char *password = NULL;
    const size_t size = 100000;
    rig_start(&rig, NULL, NULL);
    rig_start(&other, NULL, NULL);
    SIM_OK(nlftp_sim_user(rig.sim, &user));
    SIM_OK(nlftp_sim_password(rig.sim, &password));
    things_make(&t, rig.port, "ftp.example.com", user, password);
    struct rig loop = rig;
    loop.modem = t.modem;
    CHECK_OK(nlftp_modem_fd(t.modem, &loop.fd));
    rig_settle(&loop);

    char *data = make_data(size, 5);
    struct forking forking = {data, size, 0, false};
    nlftp_op *op = NULL;
    nlftp_op *done = NULL;
    CHECK_OK(nlftp_ftp_put(t.modem, read_half, NULL, &forking, (int64_t)size, "file", NULL, &op));
    while (forking.at < size / 2) {
        rig_wait(&loop);
        CHECK_OK(nlftp_modem_dispatch(t.modem, &done));
        CHECK(done == NULL);
    }
    int verdict = -1;
    pid_t child = make_child(&t, other.port, &verdict);
    forking.forked = true;
    CHECK_OK(nlftp_op_resume(op));
    CHECK_OK(rig_follow(&loop, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    expect_good_verdict(child, verdict);
    char *file = path_in(rig.root, "file");
    CHECK(file_holds(file, data, size));
    free(file);
    free(data);
    CHECK_OK(nlftp_ftp_noop(t.modem, NULL));
    things_free(&t);
    rig_stop(&other);
    rig_stop(&rig);
}
