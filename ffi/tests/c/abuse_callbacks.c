#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abuse.h"
#include "check.h"

/* What the callbacks of a transfer do on their way. */
struct meddler {
    nlftp_modem *modem;
    nlftp_op *own;     /* the transfer itself, where it has an operation */
    nlftp_op *started; /* by a callback */
    nlftp_entries *entries;
    void (*meddle)(struct meddler *meddler);
    size_t left; /* of the source */
    size_t calls;
    bool over; /* no callback may come any more */
};

static nlftp_status read_and_meddle(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct meddler *meddler = user_data;
    CHECK(!meddler->over);
    *count = size < meddler->left ? size : meddler->left;
    memset(buffer, 'm', *count);
    meddler->left -= *count;
    if (meddler->calls++ == 0) {
        meddler->meddle(meddler);
    }
    return NLFTP_OK;
}

static nlftp_status write_and_meddle(const void *data, size_t size, size_t *count, void *user_data)
{
    struct meddler *meddler = user_data;
    (void)data;
    CHECK(!meddler->over);
    *count = size;
    if (meddler->calls++ == 0) {
        meddler->meddle(meddler);
    }
    return NLFTP_OK;
}

static void progress_and_meddle(uint64_t done, int64_t total, double rate, void *user_data)
{
    struct meddler *meddler = user_data;
    (void)done;
    (void)total;
    (void)rate;
    CHECK(!meddler->over);
    if (meddler->calls++ == 0) {
        meddler->meddle(meddler);
    }
}

static void line_and_meddle(const char *line, void *user_data)
{
    struct meddler *meddler = user_data;
    CHECK(line[0] != '\0');
    if (meddler->calls++ == 0) {
        meddler->meddle(meddler);
    }
}

static struct meddler meddler_of(const struct things *live, void (*meddle)(struct meddler *meddler))
{
    struct meddler meddler;
    memset(&meddler, 0, sizeof meddler);
    meddler.modem = live->modem;
    meddler.meddle = meddle;
    meddler.left = 3000;
    return meddler;
}

/* Everything that would wait says so, and does nothing; what only starts or looks works. */
static void wait_everywhere(struct meddler *meddler)
{
    bool connected = false;
    char *text = NULL;
    nlftp_listing *listing = NULL;
    const nlftp_entry *entry = NULL;
    nlftp_state state = NLFTP_STATE_CLOSED;
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_ftp_noop(meddler->modem, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_last_error_status());
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_ftp_is_connected(meddler->modem, &connected, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_ftp_pwd(meddler->modem, &text, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_ftp_list(meddler->modem, NULL, &listing, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_ftp_put_memory(meddler->modem, "x", 1, "x", NULL, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_modem_open(meddler->modem, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_modem_close(meddler->modem, NULL));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_modem_free(meddler->modem));
    if (meddler->entries != NULL) {
        CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_entries_next(meddler->entries, &entry));
    }
    if (meddler->own != NULL) {
        CHECK_IS(NLFTP_PENDING, nlftp_op_status(meddler->own));
        CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_op_wait(meddler->own, -1));
    }
    CHECK(!connected && text == NULL && listing == NULL && entry == NULL);
    CHECK_OK(nlftp_modem_state(meddler->modem, &state));
    CHECK(state == NLFTP_STATE_CONNECTED);
    CHECK_OK(nlftp_ftp_noop(meddler->modem, &meddler->started));
    CHECK_IS(NLFTP_WOULD_DEADLOCK, nlftp_op_wait(meddler->started, -1));
    CHECK_IS(NLFTP_PENDING, nlftp_op_status(meddler->started));
}

static void end_started(struct meddler *meddler)
{
    CHECK(meddler->calls > 0 && meddler->started != NULL);
    CHECK_OK(nlftp_op_wait(meddler->started, -1));
    CHECK_OK(nlftp_op_free(meddler->started));
}

static nlftp_status follow(nlftp_modem *modem, nlftp_op *op)
{
    struct pollfd readable = {-1, POLLIN, 0};
    CHECK_OK(nlftp_modem_fd(modem, &readable.fd));
    while (nlftp_op_status(op) == NLFTP_PENDING) {
        CHECK(poll(&readable, 1, 100000) == 1);
        CHECK_OK(nlftp_modem_dispatch(modem, NULL));
    }
    return nlftp_op_status(op);
}

static void waits(const struct things *live)
{
    check_begin("waiting inside a callback");
    struct meddler meddler = meddler_of(live, wait_everywhere);
    meddler.entries = live->entries;
    CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, NULL));
    end_started(&meddler);

    meddler = meddler_of(live, wait_everywhere);
    CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, &meddler.own));
    CHECK_OK(follow(live->modem, meddler.own));
    CHECK_OK(nlftp_op_free(meddler.own));
    end_started(&meddler);

    meddler = meddler_of(live, wait_everywhere);
    CHECK_OK(nlftp_ftp_get(live->modem, "meddled", write_and_meddle, &meddler, NULL, NULL));
    end_started(&meddler);

    nlftp_transfer_options *options = NULL;
    meddler = meddler_of(live, wait_everywhere);
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_progress(options, progress_and_meddle, &meddler));
    CHECK_OK(nlftp_ftp_put_memory(live->modem, "content", 7, "meddled", options, NULL));
    CHECK_OK(nlftp_transfer_options_free(options));
    end_started(&meddler);

    meddler = meddler_of(live, wait_everywhere);
    CHECK_OK(nlftp_ftp_on_info(live->modem, line_and_meddle, &meddler, NULL));
    while (meddler.calls == 0) {
        CHECK_OK(nlftp_ftp_noop(live->modem, NULL));
        CHECK_OK(nlftp_modem_dispatch(live->modem, NULL));
    }
    CHECK_OK(nlftp_ftp_on_info(live->modem, NULL, NULL, NULL));
    end_started(&meddler);
}

static void dispatch_again(struct meddler *meddler)
{
    nlftp_op *done = NULL;
    /* It does not wait; that it runs callbacks inside callbacks must not be asked of it. */
    nlftp_status status = nlftp_modem_dispatch(meddler->modem, &done);
    CHECK(status == NLFTP_OK || status == NLFTP_WOULD_DEADLOCK);
    CHECK(done == NULL);
}

static void cancel_itself(struct meddler *meddler) { CHECK_OK(nlftp_op_cancel(meddler->own)); }

static void free_itself(struct meddler *meddler)
{
    CHECK_OK(nlftp_op_free(meddler->own));
    meddler->over = true;
}

static void remove_itself(struct meddler *meddler)
{
    CHECK_OK(nlftp_ftp_on_info(meddler->modem, NULL, NULL, &meddler->started));
}

static void ends(const struct things *live)
{
    check_begin("callbacks that dispatch, cancel, free and remove themselves");
    struct meddler meddler = meddler_of(live, dispatch_again);
    CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, &meddler.own));
    CHECK_OK(follow(live->modem, meddler.own));
    CHECK_OK(nlftp_op_free(meddler.own));

    meddler = meddler_of(live, cancel_itself);
    CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, &meddler.own));
    CHECK_IS(NLFTP_CANCELLED, follow(live->modem, meddler.own));
    CHECK_OK(nlftp_op_free(meddler.own));
    CHECK(meddler.calls > 0);

    static const size_t ways = 2;
    for (size_t i = 0; i < ways; i++) {
        nlftp_transfer_options *options = NULL;
        meddler = meddler_of(live, free_itself);
        CHECK_OK(nlftp_transfer_options_new(&options));
        CHECK_OK(nlftp_transfer_options_set_progress(options, progress_and_meddle, &meddler));
        if (i == 0) {
            CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, &meddler.own));
        } else {
            CHECK_OK(nlftp_ftp_put_memory(live->modem, "content", 7, "meddled", options, &meddler.own));
        }
        CHECK_OK(nlftp_transfer_options_free(options));
        struct pollfd readable = {-1, POLLIN, 0};
        CHECK_OK(nlftp_modem_fd(live->modem, &readable.fd));
        while (!meddler.over) {
            CHECK(poll(&readable, 1, 100000) == 1);
            CHECK_OK(nlftp_modem_dispatch(live->modem, NULL));
        }
        /* The modem is whole. */
        CHECK_OK(nlftp_ftp_put_memory(live->modem, "content", 7, "whole", NULL, NULL));
    }

    meddler = meddler_of(live, remove_itself);
    CHECK_OK(nlftp_ftp_on_info(live->modem, line_and_meddle, &meddler, NULL));
    while (meddler.calls == 0) {
        CHECK_OK(nlftp_ftp_noop(live->modem, NULL));
        CHECK_OK(nlftp_modem_dispatch(live->modem, NULL));
    }
    end_started(&meddler);
    size_t calls = meddler.calls;
    CHECK_OK(nlftp_ftp_noop(live->modem, NULL));
    CHECK_OK(nlftp_modem_dispatch(live->modem, NULL));
    CHECK(meddler.calls == calls);
}

struct logging {
    pthread_mutex_t lock;
    nlftp_modem *modem;
    size_t waited;
    size_t refused;
};

/* On whichever thread it is, waiting is not for a callback. */
static void log_and_wait(nlftp_log_level level, const char *message, void *user_data)
{
    struct logging *logging = user_data;
    (void)level;
    CHECK(message != NULL);
    nlftp_status status = nlftp_ftp_noop(logging->modem, NULL);
    pthread_mutex_lock(&logging->lock);
    logging->waited++;
    logging->refused += status == NLFTP_WOULD_DEADLOCK;
    pthread_mutex_unlock(&logging->lock);
}

static void logs(const struct things *live)
{
    check_begin("waiting inside the log callback");
    struct logging logging = {.lock = PTHREAD_MUTEX_INITIALIZER, .modem = live->modem};
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_TRACE, log_and_wait, &logging));
    CHECK_OK(nlftp_ftp_noop(live->modem, NULL));
    CHECK_IS(NLFTP_REFUSED, nlftp_ftp_cwd(live->modem, "not-there", NULL));
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_OFF, NULL, NULL));
    CHECK(logging.waited > 0 && logging.refused == logging.waited);
}

static void close_it(struct meddler *meddler)
{
    CHECK_OK(nlftp_modem_close(meddler->modem, &meddler->started));
}

/* Closing is an operation like the others: it may be started anywhere, and comes behind what runs. */
static void closes(const struct things *live)
{
    check_begin("a callback that closes its own modem");
    struct meddler meddler = meddler_of(live, close_it);
    CHECK_OK(nlftp_ftp_put(live->modem, read_and_meddle, NULL, &meddler, -1, "meddled", NULL, &meddler.own));
    nlftp_status status = follow(live->modem, meddler.own);
    CHECK(status == NLFTP_OK || status == NLFTP_CLOSED || status == NLFTP_CANCELLED);
    CHECK_OK(nlftp_op_free(meddler.own));
    end_started(&meddler);
    CHECK_IS(NLFTP_CLOSED, nlftp_ftp_noop(live->modem, NULL));
}

void odd_callbacks(const struct things *live)
{
    waits(live);
    ends(live);
    logs(live);
    closes(live);
}
