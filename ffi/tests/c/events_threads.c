#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

#define MODEMS 8
#define THREADS 8

/* One of many modems in one loop: what is done next when the last has ended. */
struct member {
    struct rig rig;
    char *data;
    char *back;
    size_t size;
    size_t step;
    nlftp_op *op;
};

/* Starts what comes next; false if that was all. */
static bool next_step(struct member *member)
{
    const struct rig *rig = &member->rig;
    switch (member->step++) {
    case 0: CHECK_OK(nlftp_modem_open(rig->modem, &member->op)); return true;
    case 1: CHECK_OK(nlftp_ftp_open(rig->modem, rig->login, &member->op)); return true;
    case 2:
        CHECK_OK(nlftp_ftp_put_memory(rig->modem, member->data, member->size, "file", NULL, &member->op));
        return true;
    case 3:
        CHECK_OK(nlftp_ftp_get_memory(rig->modem, "file", member->back, member->size, NULL, NULL, &member->op));
        return true;
    case 4: CHECK_OK(nlftp_modem_close(rig->modem, &member->op)); return true;
    default: return false;
    }
}

/* Hands out what has ended; true while there is more to do. */
static bool serve(struct member *member)
{
    for (;;) {
        nlftp_op *done = NULL;
        nlftp_status status = nlftp_modem_dispatch(member->rig.modem, &done);
        if (done == NULL) {
            CHECK_OK(status);
            return true;
        }
        CHECK(done == member->op);
        CHECK_OK(nlftp_op_status(done));
        CHECK_OK(nlftp_op_free(done));
        if (!next_step(member)) {
            return false;
        }
    }
}

/* Eight modems in one process, followed by one loop. */
void many_modems(const char *folder)
{
    (void)folder;
    static struct member members[MODEMS];
    struct pollfd fds[MODEMS];
    size_t going = MODEMS;
    for (size_t i = 0; i < MODEMS; i++) {
        struct member *member = &members[i];
        rig_start(&member->rig, NULL, NULL);
        member->size = 10000 + i;
        member->data = make_data(member->size, (unsigned int)i);
        member->back = check_alloc(member->size);
        member->step = 0;
        fds[i].fd = member->rig.fd;
        fds[i].events = POLLIN;
        CHECK(next_step(member));
    }
    while (going > 0) {
        CHECK(poll(fds, MODEMS, 100000) > 0);
        for (size_t i = 0; i < MODEMS; i++) {
            if (fds[i].fd >= 0 && fds[i].revents != 0 && !serve(&members[i])) {
                fds[i].fd = -1;
                going--;
            }
        }
    }
    for (size_t i = 0; i < MODEMS; i++) {
        struct member *member = &members[i];
        CHECK(memcmp(member->back, member->data, member->size) == 0);
        free(member->back);
        free(member->data);
        rig_stop(&member->rig);
    }
}

struct worker {
    const struct rig *rig;
    unsigned int number;
};

/* Its own file up and down, and errors that are its own. */
static void *work(void *argument)
{
    const struct worker *worker = argument;
    char name[32];
    char missing[32];
    size_t size = 3000 + worker->number;
    char *data = make_data(size, worker->number);
    char *back = check_alloc(size);
    sprintf(name, "file-%u", worker->number);
    sprintf(missing, "missing-%u", worker->number);
    for (int round = 0; round < 3; round++) {
        size_t got = 0;
        bool connected = false;
        CHECK_OK(nlftp_ftp_put_memory(worker->rig->modem, data, size, name, NULL, NULL));
        CHECK_IS(NLFTP_REFUSED, nlftp_ftp_cwd(worker->rig->modem, missing, NULL));
        CHECK_OK(nlftp_ftp_get_memory(worker->rig->modem, name, back, size, &got, NULL, NULL));
        CHECK(got == size && memcmp(back, data, size) == 0);
        CHECK_CONTAINS(missing, nlftp_last_error());
        CHECK_IS(NLFTP_REFUSED, nlftp_last_error_status());
        CHECK_OK(nlftp_ftp_is_connected(worker->rig->modem, &connected, NULL));
        CHECK(connected);
        nlftp_op *op = NULL;
        CHECK_OK(nlftp_ftp_delete_file(worker->rig->modem, name, &op));
        CHECK_OK(nlftp_op_wait(op, -1));
        CHECK_OK(nlftp_op_free(op));
    }
    free(back);
    free(data);
    return NULL;
}

/* One handle used by eight threads at once. */
void many_threads(const char *folder)
{
    (void)folder;
    struct rig rig;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    for (unsigned int i = 0; i < THREADS; i++) {
        workers[i].rig = &rig;
        workers[i].number = i;
        CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    /* Meanwhile this thread dispatches: nothing of theirs is handed out here. */
    for (int round = 0; round < 200; round++) {
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
        nlftp_state state = NLFTP_STATE_CLOSED;
        CHECK_OK(nlftp_modem_state(rig.modem, &state));
        CHECK(state == NLFTP_STATE_CONNECTED);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    rig_stop(&rig);
}

enum { LOOPS = 2, OPERATIONS = 60 };

/* Two event loops over the same modem. */
struct loops {
    const struct rig *rig;
    int over[2]; /* readable when all has ended */
    pthread_mutex_t lock;
    nlftp_op *ops[OPERATIONS];
    bool seen[OPERATIONS];
    size_t ended;
};

static void note_end(struct loops *loops, nlftp_op *done)
{
    CHECK_OK(nlftp_op_status(done));
    pthread_mutex_lock(&loops->lock);
    size_t at = 0;
    while (at < OPERATIONS && loops->ops[at] != done) {
        at++;
    }
    CHECK(at < OPERATIONS && !loops->seen[at]);
    loops->seen[at] = true;
    loops->ended++;
    bool all = loops->ended == OPERATIONS;
    pthread_mutex_unlock(&loops->lock);
    if (all) {
        CHECK(write(loops->over[1], "", 1) == 1);
    }
}

static void *run_loop(void *argument)
{
    struct loops *loops = argument;
    struct pollfd fds[2] = {{loops->rig->fd, POLLIN, 0}, {loops->over[0], POLLIN, 0}};
    for (;;) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(loops->rig->modem, &done));
        if (done != NULL) {
            note_end(loops, done);
            continue;
        }
        CHECK(poll(fds, 2, 100000) > 0);
        if (fds[1].revents != 0) {
            return NULL;
        }
    }
}

/* Each operation is handed out once, to one of the loops, and none is forgotten. */
void two_loops(const char *folder)
{
    (void)folder;
    struct rig rig;
    static struct loops loops = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[LOOPS];
    static char content[4096];
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    loops.rig = &rig;
    CHECK(pipe(loops.over) == 0);
    pthread_mutex_lock(&loops.lock);
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (i % 10 == 0) {
            CHECK_OK(nlftp_ftp_put_memory(rig.modem, content, sizeof content, "file", NULL, &loops.ops[i]));
        } else {
            CHECK_OK(nlftp_ftp_noop(rig.modem, &loops.ops[i]));
        }
    }
    pthread_mutex_unlock(&loops.lock);
    for (size_t i = 0; i < LOOPS; i++) {
        CHECK(pthread_create(&threads[i], NULL, run_loop, &loops) == 0);
    }
    for (size_t i = 0; i < LOOPS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    for (size_t i = 0; i < OPERATIONS; i++) {
        CHECK_OK(nlftp_op_free(loops.ops[i]));
    }
    close(loops.over[0]);
    close(loops.over[1]);
    rig_stop(&rig);
}

static void *wait_for_op(void *argument)
{
    CHECK_OK(nlftp_op_wait(argument, -1));
    return NULL;
}

/* Several threads wait for one operation while another one dispatches: all are told, and it is not handed out. */
void waiting_threads_and_a_loop(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(60000, 8);
    for (int round = 0; round < 5; round++) {
        pthread_t threads[4];
        nlftp_op *op = NULL;
        CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, 60000, "file", NULL, &op));
        for (size_t i = 0; i < 4; i++) {
            CHECK(pthread_create(&threads[i], NULL, wait_for_op, op) == 0);
        }
        /* Nothing has to make the descriptor readable here: whoever waits serves the operation. */
        for (int turn = 0; turn < 200; turn++) {
            CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
        }
        for (size_t i = 0; i < 4; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
        }
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
        CHECK(done == NULL);
        expect_transfer(op, 60000);
        CHECK_OK(nlftp_op_free(op));
    }
    free(data);
    rig_stop(&rig);
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *files = opendir(folder);
    CHECK(files != NULL);
    while (readdir(files) != NULL) {
        count++;
    }
    closedir(files);
    return count;
}

/* The virtual modem's server is in this process, too, and ends its connections in its own time. */
static void wait_for_count(const char *folder, size_t count)
{
    for (int turn = 0; count_files(folder) != count; turn++) {
        struct timespec pause = {0, 1000000};
        CHECK(turn < 60000);
        nanosleep(&pause, NULL);
    }
}

/* Modems that were used and freed leave neither a descriptor nor a thread, whatever state they were in. */
void nothing_is_left(const char *folder)
{
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    CHECK_OK(nlftp_modem_free(rig.modem));
    char *file = path_in(folder, "file");
    write_file(file, "content", 7);
    size_t descriptors = count_files("/proc/self/fd");
    size_t threads = count_files("/proc/self/task");
    for (int round = 0; round < 12; round++) {
        rig.modem = new_modem_on(rig.port);
        CHECK_OK(nlftp_modem_fd(rig.modem, &rig.fd));
        if (round % 3 > 0) {
            nlftp_op *op = NULL;
            rig_connect(&rig);
            CHECK_OK(nlftp_ftp_put_file(rig.modem, file, "file", NULL, &op));
            CHECK_OK(rig_follow(&rig, op));
            CHECK_OK(nlftp_op_free(op));
            CHECK_OK(nlftp_ftp_get_file(rig.modem, "file", file, NULL, NULL));
        }
        if (round % 3 > 1) {
            CHECK_OK(nlftp_modem_close(rig.modem, NULL));
        }
        CHECK_OK(nlftp_modem_free(rig.modem));
    }
    wait_for_count("/proc/self/fd", descriptors);
    wait_for_count("/proc/self/task", threads);
    free(file);
    CHECK_OK(nlftp_login_free(rig.login));
    SIM_OK(nlftp_sim_stop(rig.sim));
}
