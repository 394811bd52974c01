#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* A source or sink whose bytes, or room, come from another thread, piece by piece. */
struct valve {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *data;
    size_t size;    /* of the whole */
    size_t at;      /* taken so far */
    size_t allowed; /* may be taken now */
    size_t refusals;
    bool starving;  /* the last answer was NLFTP_AGAIN */
    nlftp_op *op;
};

static void valve_make(struct valve *valve, char *data, size_t size)
{
    memset(valve, 0, sizeof *valve);
    CHECK(pthread_mutex_init(&valve->lock, NULL) == 0);
    CHECK(pthread_cond_init(&valve->changed, NULL) == 0);
    valve->data = data;
    valve->size = size;
}

static void valve_destroy(struct valve *valve)
{
    CHECK(pthread_mutex_destroy(&valve->lock) == 0);
    CHECK(pthread_cond_destroy(&valve->changed) == 0);
}

/* How much goes through now: 0 if nothing does. */
static size_t take(struct valve *valve, size_t wanted)
{
    size_t open = valve->allowed - valve->at;
    size_t count = wanted < open ? wanted : open;
    valve->starving = count == 0;
    if (count == 0) {
        valve->refusals++;
        pthread_cond_signal(&valve->changed);
    }
    return count;
}

static nlftp_status read_valve(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct valve *valve = user_data;
    nlftp_status status = NLFTP_OK;
    pthread_mutex_lock(&valve->lock);
    *count = 0;
    if (valve->at < valve->size) {
        *count = take(valve, size);
        status = *count == 0 ? NLFTP_AGAIN : NLFTP_OK;
        memcpy(buffer, valve->data + valve->at, *count);
        valve->at += *count;
    }
    pthread_mutex_unlock(&valve->lock);
    return status;
}

static nlftp_status write_valve(const void *data, size_t size, size_t *count, void *user_data)
{
    struct valve *valve = user_data;
    pthread_mutex_lock(&valve->lock);
    CHECK(size > 0 && size <= valve->size - valve->at);
    *count = take(valve, size);
    memcpy(valve->data + valve->at, data, *count);
    valve->at += *count;
    pthread_mutex_unlock(&valve->lock);
    return *count == 0 ? NLFTP_AGAIN : NLFTP_OK;
}

/* Opens the valve a little each time that it has held the transfer up. */
static void *open_valve(void *argument)
{
    struct valve *valve = argument;
    size_t step = valve->size / 7 + 1;
    bool more = true;
    while (more) {
        pthread_mutex_lock(&valve->lock);
        while (!valve->starving) {
            pthread_cond_wait(&valve->changed, &valve->lock);
        }
        valve->starving = false;
        valve->allowed = valve->size - valve->allowed < step ? valve->size : valve->allowed + step;
        more = valve->allowed < valve->size;
        nlftp_op *op = valve->op;
        pthread_mutex_unlock(&valve->lock);
        /* A blocking call has no operation to be resumed: it asks again by itself. */
        if (op != NULL) {
            CHECK_OK(nlftp_op_resume(op));
        }
    }
    return NULL;
}

static const size_t SIZE = 30000;

/* Only nlftp_op_resume makes the descriptor readable: without it the loop would sleep. */
void again_in_a_loop(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct valve valve;
    pthread_t opener;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(SIZE, 1);
    char *back = check_alloc(SIZE);
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    static const nlftp_via ways[] = {NLFTP_VIA_STREAM, NLFTP_VIA_BLOCK};
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(nlftp_transfer_options_set_via(options, ways[i]));
        valve_make(&valve, data, SIZE);
        CHECK_OK(nlftp_ftp_put(rig.modem, read_valve, NULL, &valve, (int64_t)SIZE, "file", options, &valve.op));
        CHECK(pthread_create(&opener, NULL, open_valve, &valve) == 0);
        CHECK_OK(rig_follow(&rig, valve.op));
        CHECK(pthread_join(opener, NULL) == 0);
        expect_transfer(valve.op, SIZE);
        CHECK_OK(nlftp_op_free(valve.op));
        CHECK(valve.at == SIZE && valve.refusals >= 7);
        valve_destroy(&valve);
        char *file = path_in(rig.root, "file");
        CHECK(file_holds(file, data, SIZE));
        free(file);

        memset(back, 0, SIZE);
        valve_make(&valve, back, SIZE);
        CHECK_OK(nlftp_ftp_get(rig.modem, "file", write_valve, &valve, options, &valve.op));
        CHECK(pthread_create(&opener, NULL, open_valve, &valve) == 0);
        CHECK_OK(rig_follow(&rig, valve.op));
        CHECK(pthread_join(opener, NULL) == 0);
        expect_transfer(valve.op, SIZE);
        CHECK_OK(nlftp_op_free(valve.op));
        CHECK(valve.at == SIZE && valve.refusals >= 7 && memcmp(back, data, SIZE) == 0);
        valve_destroy(&valve);
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    free(back);
    free(data);
    rig_settle(&rig);
    rig_stop(&rig);
}

/* The same in blocking calls, and in nlftp_op_wait. */
void again_while_waiting(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct valve valve;
    pthread_t opener;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(SIZE, 2);
    char *back = check_alloc(SIZE);

    valve_make(&valve, data, SIZE);
    CHECK(pthread_create(&opener, NULL, open_valve, &valve) == 0);
    CHECK_OK(nlftp_ftp_put(rig.modem, read_valve, NULL, &valve, -1, "file", NULL, NULL));
    CHECK(pthread_join(opener, NULL) == 0);
    valve_destroy(&valve);

    valve_make(&valve, back, SIZE);
    CHECK_OK(nlftp_ftp_get(rig.modem, "file", write_valve, &valve, NULL, &valve.op));
    CHECK(pthread_create(&opener, NULL, open_valve, &valve) == 0);
    CHECK_OK(nlftp_op_wait(valve.op, -1));
    CHECK(pthread_join(opener, NULL) == 0);
    expect_transfer(valve.op, SIZE);
    CHECK_OK(nlftp_op_free(valve.op));
    CHECK(memcmp(back, data, SIZE) == 0);
    valve_destroy(&valve);
    free(back);
    free(data);
    rig_stop(&rig);
}

static nlftp_status fail_to_read(void *buffer, size_t size, size_t *count, void *user_data)
{
    int *calls = user_data;
    if ((*calls)++ == 0) {
        memset(buffer, 'a', size);
        *count = size > 500 ? 500 : size;
        return NLFTP_OK;
    }
    return NLFTP_LOCAL_FILE;
}

static nlftp_status read_too_much(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)user_data;
    memset(buffer, 'a', size);
    *count = size + 1;
    return NLFTP_OK;
}

static nlftp_status odd_number(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)buffer;
    (void)size;
    (void)count;
    (void)user_data;
    return (nlftp_status)4711;
}

static nlftp_status give_up(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)buffer;
    (void)size;
    (void)user_data;
    CHECK(*count == 0);
    return NLFTP_CANCELLED;
}

static nlftp_status fail_to_write(const void *data, size_t size, size_t *count, void *user_data)
{
    (void)data;
    (void)size;
    (void)user_data;
    *count = 0;
    return NLFTP_LOCAL_FILE;
}

static nlftp_status write_too_much(const void *data, size_t size, size_t *count, void *user_data)
{
    (void)data;
    (void)user_data;
    *count = size + 1;
    return NLFTP_OK;
}

/* What was given up is deleted, if behind the call: the next one waits for that. */
static void expect_gone(const struct rig *rig, const char *name)
{
    CHECK_OK(nlftp_ftp_noop(rig->modem, NULL));
    char *path = path_in(rig->root, name);
    CHECK(access(path, F_OK) != 0);
    free(path);
}

/* Callbacks that fail, or lie about their counts, end the transfer; the modem goes on. */
void failing_source_and_sink(const char *folder)
{
    (void)folder;
    struct rig rig;
    int calls = 0;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put(rig.modem, fail_to_read, NULL, &calls, -1, "short", NULL, NULL));
    CHECK(calls == 2);
    expect_gone(&rig, "short");
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_put(rig.modem, read_too_much, NULL, NULL, -1, "short", NULL, NULL));
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put(rig.modem, odd_number, NULL, NULL, -1, "short", NULL, NULL));
    CHECK_IS(NLFTP_CANCELLED, nlftp_ftp_put(rig.modem, give_up, NULL, NULL, -1, "short", NULL, NULL));
    expect_gone(&rig, "short");
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, "content", 7, "file", NULL, NULL));
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_get(rig.modem, "file", fail_to_write, NULL, NULL, NULL));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_ftp_get(rig.modem, "file", write_too_much, NULL, NULL, NULL));
    calls = 0;
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, fail_to_read, NULL, &calls, -1, "short", NULL, &op));
    CHECK_IS(NLFTP_LOCAL_FILE, rig_follow(&rig, op));
    const nlftp_transfer *transfer = NULL;
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_op_transfer(op, &transfer));
    CHECK(transfer == NULL);
    CHECK_OK(nlftp_op_free(op));
    char back[8];
    size_t size = 0;
    CHECK_OK(nlftp_ftp_get_memory(rig.modem, "file", back, sizeof back, &size, NULL, NULL));
    CHECK(size == 7 && memcmp(back, "content", 7) == 0);
    rig_stop(&rig);
}

/* A source of a few bytes, which counts what it is asked behind its end. */
struct brief {
    size_t calls;
    size_t left;
    size_t behind_the_end;
    bool ended;
};

static nlftp_status read_brief(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct brief *brief = user_data;
    brief->calls++;
    brief->behind_the_end += brief->ended ? 1 : 0;
    *count = brief->left < size ? brief->left : size;
    brief->left -= *count;
    brief->ended = *count == 0;
    memset(buffer, 'a', *count);
    return NLFTP_OK;
}

/* A source that has said that it is at its end is not asked again, whatever it gave before, by no way. */
void asked_no_more(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    static const nlftp_via ways[] = {NLFTP_VIA_STREAM, NLFTP_VIA_BLOCK};
    static const size_t sizes[] = {0, 100, 70000};
    for (size_t i = 0; i < 6; i++) {
        struct brief brief = {0, sizes[i / 2], 0, false};
        CHECK_OK(nlftp_transfer_options_set_via(options, ways[i % 2]));
        CHECK_OK(nlftp_ftp_put(rig.modem, read_brief, NULL, &brief, -1, "brief", options, NULL));
        CHECK(brief.ended && brief.left == 0);
        CHECK(brief.behind_the_end == 0);
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    rig_stop(&rig);
}

static nlftp_status put_a_seek_off(uint64_t offset, void *user_data)
{
    size_t *calls = user_data;
    (void)offset;
    (*calls)++;
    return NLFTP_AGAIN;
}

static nlftp_status read_letters(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)user_data;
    memset(buffer, 'a', size);
    *count = size;
    return NLFTP_OK;
}

/* A seek that answers NLFTP_AGAIN ends the transfer with a sentence of its own. */
void seek_says_again(const char *folder)
{
    (void)folder;
    struct rig rig;
    size_t calls = 0;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    /* What is there already, so that the upload goes on behind it. */
    char *there = check_alloc(SIZE);
    memset(there, 'a', SIZE);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, there, SIZE, "file", NULL, NULL));
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_resume(options, true));
    CHECK_IS(NLFTP_LOCAL_FILE, nlftp_ftp_put(rig.modem, read_letters, put_a_seek_off, &calls, (int64_t)SIZE * 3, "file",
                                             options, NULL));
    CHECK(calls == 1);
    CHECK_CONTAINS("a seek cannot be put off", nlftp_last_error());
    CHECK_OK(nlftp_transfer_options_free(options));
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    free(there);
    rig_stop(&rig);
}
