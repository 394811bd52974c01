#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* Lines that a callback got. */
struct lines_seen {
    size_t count;
    size_t expected;      /* the number in the next numbered one */
    bool in_order;
    bool password;        /* one of them has it */
    const char *secret;
    pthread_t thread;
};

static void lines_make(struct lines_seen *lines)
{
    memset(lines, 0, sizeof *lines);
    lines->in_order = true;
    lines->thread = pthread_self();
}

static void note_numbered(const char *line, void *user_data)
{
    struct lines_seen *lines = user_data;
    char wanted[32];
    sprintf(wanted, "+NOTE: %lu", (unsigned long)lines->expected++);
    lines->in_order = lines->in_order && strcmp(line, wanted) == 0;
    lines->count++;
    CHECK(pthread_equal(lines->thread, pthread_self()));
}

static void note_any(const char *line, void *user_data)
{
    struct lines_seen *lines = user_data;
    CHECK(strpbrk(line, "\r\n") == NULL);
    lines->password = lines->password || (lines->secret != NULL && strstr(line, lines->secret) != NULL);
    lines->count++;
    CHECK(pthread_equal(lines->thread, pthread_self()));
}

static void send_note(const struct rig *rig, size_t number)
{
    char line[32];
    sprintf(line, "+NOTE: %lu", (unsigned long)number);
    SIM_OK(nlftp_sim_send_urc(rig->sim, line));
}

static void follow_to_count(const struct rig *rig, const struct lines_seen *lines, size_t count)
{
    while (lines->count < count) {
        rig_wait(rig);
        CHECK_OK(nlftp_modem_dispatch(rig->modem, NULL));
    }
}

/* Each line once, in order, without its end; none behind the removal. FTPINFO's lines go their own way. */
void unasked_lines(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct lines_seen notes;
    struct lines_seen traffic;
    rig_start(&rig, NULL, NULL);
    lines_make(&notes);
    lines_make(&traffic);
    CHECK_OK(nlftp_modem_on_urc(rig.modem, note_numbered, &notes));
    CHECK_OK(nlftp_modem_open(rig.modem, NULL));
    for (size_t i = 0; i < 100; i++) {
        send_note(&rig, i);
    }
    follow_to_count(&rig, &notes, 100);
    rig_settle(&rig);
    CHECK(notes.count == 100 && notes.in_order);

    CHECK_OK(nlftp_ftp_open(rig.modem, rig.login, NULL));
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_on_info(rig.modem, note_any, &traffic, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    follow_to_count(&rig, &traffic, 2);
    CHECK_OK(nlftp_ftp_on_info(rig.modem, NULL, NULL, NULL));
    rig_settle(&rig);
    size_t until_now = traffic.count;
    CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    rig_settle(&rig);
    CHECK(traffic.count == until_now && notes.count == 100);

    CHECK_OK(nlftp_modem_on_urc(rig.modem, NULL, NULL));
    send_note(&rig, 100);
    CHECK_OK(nlftp_modem_command(rig.modem, "AT", NULL, NULL));
    CHECK_OK(nlftp_modem_command(rig.modem, "AT", NULL, NULL));
    rig_settle(&rig);
    CHECK(notes.count == 100);
    rig_stop(&rig);
}

static void *send_many(void *argument)
{
    const struct rig *rig = argument;
    for (size_t i = 0; i < 2000; i++) {
        send_note(rig, i);
    }
    SIM_OK(nlftp_sim_send_urc(rig->sim, "+LAST: 1"));
    return NULL;
}

static void ignore_state(nlftp_state state, void *user_data)
{
    size_t *count = user_data;
    CHECK(state <= NLFTP_STATE_LOST);
    (*count)++;
}

/* Another thread's: what belonged to the callback before is given back as soon as it was replaced. */
static void *change_state_callbacks(void *argument)
{
    const struct rig *rig = argument;
    size_t *before = NULL;
    for (size_t i = 0; i < 1000; i++) {
        size_t *count = check_alloc(sizeof *count);
        *count = 0;
        CHECK_OK(nlftp_modem_on_state(rig->modem, i % 3 == 0 ? NULL : ignore_state, count));
        free(before);
        before = count;
    }
    CHECK_OK(nlftp_modem_on_state(rig->modem, NULL, NULL));
    free(before);
    return NULL;
}

static void ignore_any(const char *line, void *user_data)
{
    size_t *sum = user_data;
    *sum += strlen(line);
}

/* The same for lines, of which there are many. */
static void *change_line_callbacks(void *argument)
{
    const struct rig *rig = argument;
    size_t *before = NULL;
    for (size_t i = 0; i < 1000; i++) {
        size_t *sum = check_alloc(sizeof *sum);
        *sum = 0;
        CHECK_OK(nlftp_modem_on_urc(rig->modem, ignore_any, sum));
        free(before);
        before = sum;
    }
    CHECK_OK(nlftp_modem_on_urc(rig->modem, NULL, NULL));
    free(before);
    return NULL;
}

/* A registration of which only the newest may be called. */
struct registration {
    const size_t *current;
    size_t number;
    size_t calls;
    bool last;
};

static void note_registered(const char *line, void *user_data)
{
    struct registration *registration = user_data;
    CHECK(*registration->current == registration->number);
    registration->calls++;
    registration->last = registration->last || strcmp(line, "+LAST: 1") == 0;
}

/* Replaced and removed while lines come, by another thread and by that of the loop: a replaced one is never called. */
void callbacks_change_under_traffic(const char *folder)
{
    (void)folder;
    struct rig rig;
    pthread_t sender;
    pthread_t changer;
    static struct registration registrations[8];
    size_t current = 0;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    for (size_t i = 0; i < 8; i++) {
        registrations[i].current = &current;
        registrations[i].number = i;
    }
    CHECK(pthread_create(&sender, NULL, send_many, &rig) == 0);
    CHECK(pthread_create(&changer, NULL, change_line_callbacks, &rig) == 0);
    for (size_t round = 0; round < 100; round++) {
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
        CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
    }
    CHECK(pthread_join(changer, NULL) == 0);
    CHECK(pthread_create(&changer, NULL, change_state_callbacks, &rig) == 0);
    for (size_t round = 0; round < 200; round++) {
        current = round % 8;
        CHECK_OK(nlftp_modem_on_urc(rig.modem, note_registered, &registrations[current]));
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
        CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
        if (round % 5 == 0) {
            current = 99;
            CHECK_OK(nlftp_modem_on_urc(rig.modem, NULL, NULL));
            CHECK_OK(nlftp_ftp_noop(rig.modem, NULL));
        }
    }
    CHECK(pthread_join(changer, NULL) == 0);
    CHECK(pthread_join(sender, NULL) == 0);
    /* Whatever came before: a line behind it all still comes. */
    current = 7;
    CHECK_OK(nlftp_modem_on_urc(rig.modem, note_registered, &registrations[7]));
    SIM_OK(nlftp_sim_send_urc(rig.sim, "+LAST: 1"));
    while (!registrations[7].last) {
        rig_wait(&rig);
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
    }
    rig_stop(&rig);
}

/* A program that goes on from callback to callback. */
struct chain {
    struct rig *rig;
    nlftp_op *login;
    nlftp_op *put;
    size_t puts;
};

static void log_in_when_ready(nlftp_state state, void *user_data)
{
    struct chain *chain = user_data;
    if (state == NLFTP_STATE_READY && chain->login == NULL) {
        CHECK_OK(nlftp_ftp_open(chain->rig->modem, chain->rig->login, &chain->login));
    }
    if (state == NLFTP_STATE_CONNECTED && chain->put == NULL) {
        CHECK_OK(nlftp_ftp_put_memory(chain->rig->modem, "content", 7, "file", NULL, &chain->put));
    }
}

void callbacks_start_operations(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    struct chain chain = {&rig, NULL, NULL, 0};
    nlftp_op *opening = NULL;
    CHECK_OK(nlftp_modem_on_state(rig.modem, log_in_when_ready, &chain));
    CHECK_OK(nlftp_modem_open(rig.modem, &opening));
    size_t ended = 0;
    while (ended < 3) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
        if (done == NULL) {
            rig_wait(&rig);
            continue;
        }
        CHECK_OK(nlftp_op_status(done));
        CHECK(done == (ended == 0 ? opening : ended == 1 ? chain.login : chain.put));
        ended++;
    }
    expect_transfer(chain.put, 7);
    CHECK_OK(nlftp_op_free(opening));
    CHECK_OK(nlftp_op_free(chain.login));
    CHECK_OK(nlftp_op_free(chain.put));
    rig_stop(&rig);
}

struct progress {
    uint64_t done;
    int64_t total;
    size_t calls;
    pthread_t thread;
};

static void note_progress(uint64_t done, int64_t total, double rate, void *user_data)
{
    struct progress *progress = user_data;
    CHECK(done >= progress->done);
    CHECK(total == -1 || done <= (uint64_t)total);
    /* Not a number is not equal to itself; nothing is faster than this. */
    CHECK(rate >= 0.0 && rate < 1e12);
    CHECK(pthread_equal(progress->thread, pthread_self()));
    progress->done = done;
    progress->total = total;
    progress->calls++;
}

static nlftp_status read_ten_pieces(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct progress *pieces = user_data;
    CHECK(pthread_equal(pieces->thread, pthread_self()));
    size_t wanted = pieces->calls < 10 ? 1000 : 0;
    pieces->calls++;
    *count = size < wanted ? size : wanted;
    memset(buffer, 'a', *count);
    pieces->done += *count;
    return NLFTP_OK;
}

static void progress_make(struct progress *progress)
{
    memset(progress, 0, sizeof *progress);
    progress->thread = pthread_self();
}

/* Progress never goes back and ends with the size, on the thread that dispatches or waits, as all callbacks. */
void progress_and_threads(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct progress progress;
    struct progress pieces;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *data = make_data(40000, 4);
    char *back = check_alloc(40000);
    nlftp_transfer_options *options = NULL;
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_progress(options, note_progress, &progress));

    progress_make(&progress);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, 40000, "file", options, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK(progress.calls > 0 && progress.done == 40000 && progress.total == 40000);

    progress_make(&progress);
    CHECK_OK(nlftp_ftp_get_memory(rig.modem, "file", back, 40000, NULL, options, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK(progress.calls > 0 && progress.done == 40000);
    CHECK(memcmp(back, data, 40000) == 0);

    /* Blocking, from a source that does not tell its size. */
    progress_make(&progress);
    progress_make(&pieces);
    CHECK_OK(nlftp_ftp_put(rig.modem, read_ten_pieces, NULL, &pieces, -1, "pieces", options, NULL));
    CHECK(progress.calls > 0 && progress.done == pieces.done && pieces.done > 0);

    /* The options are copied: what is set or freed afterwards concerns the next call only. */
    progress_make(&progress);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, 40000, "file", options, &op));
    CHECK_OK(nlftp_transfer_options_set_progress(options, NULL, NULL));
    CHECK_OK(nlftp_transfer_options_free(options));
    CHECK_OK(nlftp_op_wait(op, -1));
    CHECK(progress.calls > 0 && progress.done == 40000);
    CHECK_OK(nlftp_op_free(op));
    free(back);
    free(data);
    rig_stop(&rig);
}

struct log_seen {
    pthread_mutex_t lock;
    size_t count;
    const char *port;
    bool named_port;
    bool secret;
    nlftp_log_level highest;
};

static void note_log(nlftp_log_level level, const char *message, void *user_data)
{
    struct log_seen *seen = user_data;
    pthread_mutex_lock(&seen->lock);
    seen->count++;
    seen->named_port = seen->named_port || strstr(message, seen->port) != NULL;
    seen->secret = seen->secret || strstr(message, "top-secret") != NULL;
    seen->highest = level > seen->highest ? level : seen->highest;
    pthread_mutex_unlock(&seen->lock);
}

/* Messages on any thread, up to the level, until they are taken off; a file with the traffic. Neither has passwords. */
void log_and_trace(const char *folder)
{
    struct rig rig;
    static struct log_seen seen = {.lock = PTHREAD_MUTEX_INITIALIZER};
    nlftp_login *login = NULL;
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    char *trace = path_in(folder, "trace");
    rig_start(&rig, "password", "top-secret");
    seen.port = rig.port;
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_DEBUG, note_log, &seen));
    CHECK_OK(nlftp_login_new("ftp.example.com", "nlftp", "top-secret", &login));
    CHECK_OK(nlftp_config_new(rig.port, &config));
    CHECK_OK(nlftp_config_set_timeout(config, 60000));
    CHECK_OK(nlftp_config_set_trace(config, trace));
    CHECK_OK(nlftp_modem_new(config, &modem));
    CHECK_OK(nlftp_config_free(config));
    CHECK_OK(nlftp_modem_open(modem, NULL));
    CHECK_OK(nlftp_ftp_open(modem, login, NULL));
    CHECK_OK(nlftp_login_free(login));
    CHECK_OK(nlftp_ftp_noop(modem, NULL));
    CHECK_OK(nlftp_modem_close(modem, NULL));
    CHECK_OK(nlftp_modem_free(modem));
    CHECK_OK(nlftp_set_log_callback(NLFTP_LOG_OFF, NULL, NULL));
    size_t count = seen.count;
    CHECK(count > 0 && seen.named_port && !seen.secret && seen.highest <= NLFTP_LOG_DEBUG);
    CHECK_OK(nlftp_modem_open(rig.modem, NULL));
    CHECK(seen.count == count);

    FILE *file = fopen(trace, "rb");
    char content[65536];
    CHECK(file != NULL);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    fclose(file);
    CHECK_CONTAINS("FTPNOOP", content);
    CHECK(strstr(content, "top-secret") == NULL);
    free(trace);
    rig_stop(&rig);
}
