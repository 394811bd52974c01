#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* A source that gives something and then never again; it tells when it is asked the second time. */
struct endless {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t calls;
    bool freed; /* no call may come any more */
};

static nlftp_status read_endless(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct endless *endless = user_data;
    pthread_mutex_lock(&endless->lock);
    CHECK(!endless->freed);
    size_t calls = ++endless->calls;
    pthread_cond_broadcast(&endless->changed);
    pthread_mutex_unlock(&endless->lock);
    if (calls == 1) {
        memset(buffer, 'a', size);
        *count = size;
        return NLFTP_OK;
    }
    *count = 0;
    return NLFTP_AGAIN;
}

static void endless_make(struct endless *endless)
{
    CHECK(pthread_mutex_init(&endless->lock, NULL) == 0);
    CHECK(pthread_cond_init(&endless->changed, NULL) == 0);
    endless->calls = 0;
    endless->freed = false;
}

static void endless_destroy(struct endless *endless)
{
    CHECK(pthread_mutex_destroy(&endless->lock) == 0);
    CHECK(pthread_cond_destroy(&endless->changed) == 0);
}

/* Until the transfer is in the middle of it. */
static void wait_until_it_runs(struct endless *endless)
{
    pthread_mutex_lock(&endless->lock);
    while (endless->calls < 2) {
        pthread_cond_wait(&endless->changed, &endless->lock);
    }
    pthread_mutex_unlock(&endless->lock);
}

struct cancelling {
    struct endless *endless;
    nlftp_modem *modem;
    nlftp_op *op;
    pthread_t target; /* of the signal */
};

static void *cancel_op(void *argument)
{
    struct cancelling *cancelling = argument;
    wait_until_it_runs(cancelling->endless);
    CHECK_OK(nlftp_op_cancel(cancelling->op));
    return NULL;
}

static void *cancel_modem(void *argument)
{
    struct cancelling *cancelling = argument;
    wait_until_it_runs(cancelling->endless);
    CHECK_OK(nlftp_modem_cancel(cancelling->modem));
    return NULL;
}

/* The next call works, and the short file that was given up is gone by then. */
static void expect_usable(const struct rig *rig)
{
    CHECK_OK(nlftp_ftp_put_memory(rig->modem, "content", 7, "after", NULL, NULL));
    char *file = path_in(rig->root, "after");
    char *short_file = path_in(rig->root, "endless");
    CHECK(file_holds(file, "content", 7));
    CHECK(access(short_file, F_OK) != 0);
    free(short_file);
    free(file);
}

void cancel_from_a_thread(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct endless endless;
    struct cancelling cancelling;
    pthread_t thread;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    cancelling.endless = &endless;
    cancelling.modem = rig.modem;

    /* The operation, in a loop. */
    endless_make(&endless);
    cancelling.op = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, &cancelling.op));
    CHECK(pthread_create(&thread, NULL, cancel_op, &cancelling) == 0);
    CHECK_IS(NLFTP_CANCELLED, rig_follow(&rig, cancelling.op));
    CHECK(pthread_join(thread, NULL) == 0);
    /* Cancelling what is over changes nothing. */
    CHECK_OK(nlftp_op_cancel(cancelling.op));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_status(cancelling.op));
    CHECK_OK(nlftp_op_free(cancelling.op));
    endless_destroy(&endless);
    expect_usable(&rig);

    /* The operation, in a wait. */
    endless_make(&endless);
    cancelling.op = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, &cancelling.op));
    CHECK(pthread_create(&thread, NULL, cancel_op, &cancelling) == 0);
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(cancelling.op, -1));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(nlftp_op_free(cancelling.op));
    endless_destroy(&endless);
    expect_usable(&rig);

    /* Whichever runs, in a blocking call. */
    endless_make(&endless);
    CHECK(pthread_create(&thread, NULL, cancel_modem, &cancelling) == 0);
    CHECK_IS(NLFTP_CANCELLED, nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, NULL));
    CHECK(pthread_join(thread, NULL) == 0);
    endless_destroy(&endless);
    expect_usable(&rig);
    rig_stop(&rig);
}

static nlftp_modem *cancelled_by_signal;
static nlftp_op *op_cancelled_by_signal;

static void on_signal(int number)
{
    (void)number;
    if (op_cancelled_by_signal != NULL) {
        nlftp_op_cancel(op_cancelled_by_signal);
    } else {
        nlftp_modem_cancel(cancelled_by_signal);
    }
}

static void *send_signal(void *argument)
{
    struct cancelling *cancelling = argument;
    wait_until_it_runs(cancelling->endless);
    CHECK(pthread_kill(cancelling->target, SIGUSR1) == 0);
    return NULL;
}

void cancel_from_a_signal_handler(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct endless endless;
    struct cancelling cancelling;
    pthread_t thread;
    struct sigaction action;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    cancelling.endless = &endless;
    cancelling.target = pthread_self();
    cancelled_by_signal = rig.modem;

    endless_make(&endless);
    CHECK(pthread_create(&thread, NULL, send_signal, &cancelling) == 0);
    CHECK_IS(NLFTP_CANCELLED, nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, NULL));
    CHECK(pthread_join(thread, NULL) == 0);
    endless_destroy(&endless);
    expect_usable(&rig);

    endless_make(&endless);
    CHECK_OK(nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, &op_cancelled_by_signal));
    CHECK(pthread_create(&thread, NULL, send_signal, &cancelling) == 0);
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(op_cancelled_by_signal, -1));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(nlftp_op_free(op_cancelled_by_signal));
    op_cancelled_by_signal = NULL;
    endless_destroy(&endless);
    expect_usable(&rig);
    rig_stop(&rig);
}

/* Freed in the middle: no callback comes any more, and no buffer is touched. */
void free_of_what_runs(const char *folder)
{
    struct rig rig;
    struct endless endless;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    endless_make(&endless);
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, &op));
    while (endless.calls < 2) {
        rig_wait(&rig);
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
    }
    CHECK_OK(nlftp_op_free(op));
    endless.freed = true;
    expect_usable(&rig);

    /* A download into memory that is given back at once, and one into a file. */
    char *data = make_data(50000, 3);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, 50000, "file", NULL, NULL));
    char *memory = check_alloc(50000);
    CHECK_OK(nlftp_ftp_get_memory(rig.modem, "file", memory, 50000, NULL, NULL, &op));
    rig_wait(&rig);
    CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
    CHECK_OK(nlftp_op_free(op));
    free(memory);
    char *file = path_in(folder, "never");
    CHECK_OK(nlftp_ftp_get_file(rig.modem, "file", file, NULL, &op));
    CHECK_OK(nlftp_op_free(op));
    expect_usable(&rig);
    /* Nothing, or all of it if it was through by then: never a part. */
    CHECK(access(file, F_OK) != 0 || file_holds(file, data, 50000));
    free(file);
    free(data);

    /* The modem goes with operations behind it: they end, and are still the caller's to free. */
    nlftp_op *left[3] = {NULL, NULL, NULL};
    endless.freed = false;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_endless, NULL, &endless, -1, "endless", NULL, &left[0]));
    CHECK_OK(nlftp_ftp_noop(rig.modem, &left[1]));
    CHECK_OK(nlftp_ftp_pwd(rig.modem, NULL, &left[2]));
    rig_stop(&rig);
    for (size_t i = 0; i < 3; i++) {
        nlftp_status status = nlftp_op_status(left[i]);
        CHECK(status == NLFTP_CLOSED || status == NLFTP_CANCELLED);
        CHECK_OK(nlftp_op_cancel(left[i]));
        CHECK_OK(nlftp_op_free(left[i]));
    }
    endless_destroy(&endless);
}
