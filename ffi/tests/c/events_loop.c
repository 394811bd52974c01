#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* All is started before the port is open, and follows in order. The descriptor stays the same. */
void queued_operations(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, "detached", "true");
    nlftp_state state = NLFTP_STATE_LOST;
    CHECK_OK(nlftp_modem_state(rig.modem, &state));
    CHECK(state == NLFTP_STATE_CLOSED);
    CHECK(rig.fd >= 0 && fcntl(rig.fd, F_GETFD) != -1);
    nlftp_op *ops[7];
    memset(ops, 0, sizeof ops);
    CHECK_OK(nlftp_modem_open(rig.modem, &ops[0]));
    CHECK_OK(nlftp_modem_attach(rig.modem, "CTNET", NULL, &ops[1]));
    CHECK_OK(nlftp_ftp_open(rig.modem, rig.login, &ops[2]));
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, "content", 7, "file", NULL, &ops[3]));
    char back[7];
    CHECK_OK(nlftp_ftp_get_memory(rig.modem, "file", back, sizeof back, NULL, NULL, &ops[4]));
    CHECK_OK(nlftp_ftp_delete_file(rig.modem, "file", &ops[5]));
    CHECK_OK(nlftp_ftp_close(rig.modem, &ops[6]));
    for (size_t i = 0; i < 7; i++) {
        CHECK_OK(nlftp_op_set_user_data(ops[i], &ops[i]));
    }
    for (size_t ended = 0; ended < 7;) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
        if (done == NULL) {
            rig_wait(&rig);
            continue;
        }
        void *user_data = NULL;
        CHECK(done == ops[ended]);
        CHECK_OK(nlftp_op_status(done));
        CHECK_OK(nlftp_op_user_data(done, &user_data));
        CHECK(user_data == &ops[ended]);
        ended++;
    }
    const char *address = NULL;
    CHECK_OK(nlftp_op_text(ops[1], &address));
    CHECK(address[0] != '\0');
    CHECK(memcmp(back, "content", 7) == 0);
    for (size_t i = 0; i < 7; i++) {
        CHECK_OK(nlftp_op_free(ops[i]));
    }
    int fd = -1;
    CHECK_OK(nlftp_modem_fd(rig.modem, &fd));
    CHECK(fd == rig.fd);
    CHECK_OK(nlftp_modem_state(rig.modem, &state));
    CHECK(state == NLFTP_STATE_READY);
    rig_settle(&rig);
    rig_stop(&rig);
}

/* A place in memory that callbacks read from or write to. */
struct place {
    char *data;
    size_t size;
    size_t at;
    bool ended;
};

static nlftp_status read_place(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct place *place = user_data;
    size_t left = place->size - place->at;
    *count = size < left ? size : left;
    memcpy(buffer, place->data + place->at, *count);
    place->at += *count;
    place->ended = *count == 0;
    return NLFTP_OK;
}

static nlftp_status seek_place(uint64_t offset, void *user_data)
{
    struct place *place = user_data;
    CHECK(offset <= place->size);
    place->at = (size_t)offset;
    return NLFTP_OK;
}

static nlftp_status write_place(const void *data, size_t size, size_t *count, void *user_data)
{
    struct place *place = user_data;
    /* Not all of it at once. */
    *count = size > 1000 ? 1000 : size;
    CHECK(place->at + *count <= place->size);
    memcpy(place->data + place->at, data, *count);
    place->at += *count;
    return NLFTP_OK;
}

static void expect_on_server(const struct rig *rig, const char *name, const char *data, size_t size)
{
    char *path = path_in(rig->root, name);
    CHECK(file_holds(path, data, size));
    free(path);
}

static void put_every_way(const struct rig *rig, const char *file, const char *data, size_t size)
{
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_put_file(rig->modem, file, "by-path", NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    expect_on_server(rig, "by-path", data, size);

    int fd = open(file, O_RDONLY);
    CHECK(fd >= 0);
    CHECK_OK(nlftp_ftp_put_fd(rig->modem, fd, "by-fd", NULL, &op));
    /* The library has its own. */
    close(fd);
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    expect_on_server(rig, "by-fd", data, size);

    CHECK_OK(nlftp_ftp_put_memory(rig->modem, data, size, "by-memory", NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    expect_on_server(rig, "by-memory", data, size);

    char *copy = check_alloc(size);
    struct place place = {memcpy(copy, data, size), size, 0, false};
    CHECK_OK(nlftp_ftp_put(rig->modem, read_place, seek_place, &place, -1, "by-callbacks", NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    CHECK(place.ended && place.at == size);
    free(copy);
    expect_on_server(rig, "by-callbacks", data, size);
}

static void get_every_way(const struct rig *rig, const char *folder, const char *data, size_t size)
{
    nlftp_op *op = NULL;
    char *file = path_in(folder, "down-by-path");
    CHECK_OK(nlftp_ftp_get_file(rig->modem, "by-fd", file, NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    CHECK(file_holds(file, data, size));
    free(file);

    file = path_in(folder, "down-by-fd");
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    CHECK_OK(nlftp_ftp_get_fd(rig->modem, "by-path", fd, NULL, &op));
    close(fd);
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    CHECK(file_holds(file, data, size));
    free(file);

    char *memory = check_alloc(size + 100);
    memset(memory, 'u', size + 100);
    CHECK_OK(nlftp_ftp_get_memory(rig->modem, "by-memory", memory, size + 100, NULL, NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    CHECK(memcmp(memory, data, size) == 0);
    CHECK(memory[size] == 'u' && memory[size + 99] == 'u');

    memset(memory, 'u', size);
    struct place place = {memory, size, 0, false};
    CHECK_OK(nlftp_ftp_get(rig->modem, "by-callbacks", write_place, &place, NULL, &op));
    CHECK_OK(rig_follow(rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    CHECK(place.at == size && memcmp(memory, data, size) == 0);
    free(memory);
}

void every_source_and_sink(const char *folder)
{
    static const nlftp_via ways[] = {NLFTP_VIA_AUTO, NLFTP_VIA_STREAM, NLFTP_VIA_BLOCK};
    static const size_t sizes[] = {0, 1, 20000};
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *file = path_in(folder, "up");
    for (size_t i = 0; i < 3; i++) {
        char *data = make_data(sizes[i], (unsigned int)i);
        write_file(file, data, sizes[i]);
        put_every_way(&rig, file, data, sizes[i]);
        get_every_way(&rig, folder, data, sizes[i]);
        free(data);
    }
    /* Each way is the one that was asked for. */
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    for (size_t i = 1; i < 3; i++) {
        nlftp_op *op = NULL;
        const nlftp_transfer *transfer = NULL;
        nlftp_via via = NLFTP_VIA_AUTO;
        CHECK_OK(nlftp_transfer_options_set_via(options, ways[i]));
        CHECK_OK(nlftp_ftp_put_file(rig.modem, file, "way", options, &op));
        CHECK_OK(rig_follow(&rig, op));
        CHECK_OK(nlftp_op_transfer(op, &transfer));
        CHECK_OK(nlftp_transfer_via(transfer, &via));
        CHECK(via == ways[i]);
        CHECK_OK(nlftp_op_free(op));
    }
    CHECK_OK(nlftp_transfer_options_free(options));
    free(file);
    rig_stop(&rig);
}

/* What has ended is handed out once; without a place for it, it is kept; what was freed is not handed out at all. */
void handed_out_once(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    nlftp_op *ops[3] = {NULL, NULL, NULL};
    CHECK_OK(nlftp_ftp_noop(rig.modem, &ops[0]));
    CHECK_OK(nlftp_ftp_noop(rig.modem, &ops[1]));
    CHECK_OK(nlftp_ftp_noop(rig.modem, &ops[2]));
    CHECK_OK(nlftp_op_free(ops[1]));
    while (nlftp_op_status(ops[2]) == NLFTP_PENDING) {
        rig_wait(&rig);
        CHECK_OK(nlftp_modem_dispatch(rig.modem, NULL));
    }
    size_t seen[3] = {0, 0, 0};
    for (int round = 0; round < 10; round++) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
        for (size_t i = 0; i < 3; i++) {
            seen[i] += done != NULL && done == ops[i];
        }
    }
    CHECK(seen[0] == 1 && seen[1] == 0 && seen[2] == 1);
    rig_settle(&rig);
    CHECK_OK(nlftp_op_free(ops[0]));
    CHECK_OK(nlftp_op_free(ops[2]));
    rig_stop(&rig);
}

static nlftp_status read_never(void *buffer, size_t size, size_t *count, void *user_data)
{
    (void)buffer;
    (void)size;
    (void)count;
    (void)user_data;
    return NLFTP_AGAIN;
}

/* Both kinds of use in turn: a wait with a limit, a blocking call with operations before it. */
void waits_and_dispatch(const char *folder)
{
    (void)folder;
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    nlftp_op *endless = NULL;
    nlftp_op *op = NULL;
    nlftp_op *done = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_never, NULL, NULL, -1, "endless", NULL, &endless));
    CHECK_OK(nlftp_modem_command(rig.modem, "AT+CSQ", NULL, &op));
    CHECK_IS(NLFTP_PENDING, nlftp_op_wait(op, 0));
    CHECK_IS(NLFTP_PENDING, nlftp_op_wait(op, 1));
    CHECK_IS(NLFTP_PENDING, nlftp_op_wait(endless, 20));
    CHECK_IS(NLFTP_PENDING, nlftp_op_status(op));
    const nlftp_lines *lines = NULL;
    const char *text = NULL;
    CHECK_IS(NLFTP_PENDING, nlftp_op_lines(op, &lines));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_op_text(op, &text));
    CHECK(lines == NULL && text == NULL);
    CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
    CHECK(done == NULL);
    /* What waits in the queue is cancelled like what runs. */
    CHECK_OK(nlftp_op_cancel(op));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(op, -1));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_status(op));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_lines(op, &lines));
    CHECK(lines == NULL);
    CHECK_OK(nlftp_op_free(op));
    CHECK_IS(NLFTP_PENDING, nlftp_op_status(endless));
    CHECK_OK(nlftp_op_cancel(endless));
    CHECK_IS(NLFTP_CANCELLED, nlftp_op_wait(endless, -1));
    CHECK_OK(nlftp_op_free(endless));

    /* A blocking call stands in the same queue as an operation. */
    nlftp_lines *answer = NULL;
    size_t count = 0;
    CHECK_OK(nlftp_modem_command(rig.modem, "AT+CSQ", NULL, &op));
    CHECK_OK(nlftp_modem_command(rig.modem, "AT+CSQ", &answer, NULL));
    CHECK_OK(nlftp_lines_count(answer, &count));
    CHECK(count == 1);
    CHECK_OK(nlftp_lines_free(answer));
    CHECK_OK(nlftp_op_wait(op, -1));
    CHECK_OK(nlftp_op_lines(op, &lines));
    CHECK_OK(nlftp_lines_count(lines, &count));
    CHECK(count == 1);
    /* What was told here is not handed out. */
    CHECK_OK(nlftp_modem_dispatch(rig.modem, &done));
    CHECK(done == NULL);
    rig_settle(&rig);
    CHECK_OK(nlftp_op_free(op));
    rig_stop(&rig);
}

static void *write_late(void *argument)
{
    const char *path = argument;
    int fd = open(path, O_WRONLY);
    CHECK(fd >= 0);
    CHECK(write(fd, "late bytes", 10) == 10);
    close(fd);
    return NULL;
}

/* The loop goes round while the operation cannot go on. */
static void dispatch_in_vain(const struct rig *rig, nlftp_op *op)
{
    for (int round = 0; round < 100; round++) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig->modem, &done));
        CHECK(done == NULL);
    }
    CHECK_IS(NLFTP_PENDING, nlftp_op_status(op));
}

/* A local file that takes its time is not waited for by the thread of the loop: here a pipe that nobody writes to yet. */
void blocking_files_do_not_block_the_loop(const char *folder)
{
    struct rig rig;
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    char *pipe_path = path_in(folder, "pipe");
    CHECK(mkfifo(pipe_path, 0600) == 0);
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_put_file(rig.modem, pipe_path, "from-a-pipe", NULL, &op));
    CHECK_IS(NLFTP_PENDING, nlftp_op_status(op));
    dispatch_in_vain(&rig, op);
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, write_late, pipe_path) == 0);
    CHECK_OK(rig_follow(&rig, op));
    CHECK(pthread_join(writer, NULL) == 0);
    expect_transfer(op, 10);
    CHECK_OK(nlftp_op_free(op));
    expect_on_server(&rig, "from-a-pipe", "late bytes", 10);
    free(pipe_path);

    /* Descriptors as well: one that has nothing to read yet, and one that takes no more. */
    int ends[2];
    CHECK(pipe(ends) == 0);
    CHECK_OK(nlftp_ftp_put_fd(rig.modem, ends[0], "from-a-pipe", NULL, &op));
    close(ends[0]);
    dispatch_in_vain(&rig, op);
    CHECK(write(ends[1], "from there", 10) == 10);
    close(ends[1]);
    CHECK_OK(rig_follow(&rig, op));
    expect_transfer(op, 10);
    CHECK_OK(nlftp_op_free(op));
    expect_on_server(&rig, "from-a-pipe", "from there", 10);

    const size_t size = 200000;
    char *data = make_data(size, 9);
    char *back = check_alloc(size);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, size, "large", NULL, NULL));
    CHECK(pipe(ends) == 0);
    CHECK_OK(nlftp_ftp_get_fd(rig.modem, "large", ends[1], NULL, &op));
    close(ends[1]);
    dispatch_in_vain(&rig, op);
    /* The other end is read here, so that the loop below cannot be what moves the bytes. */
    size_t got = 0;
    while (got < size) {
        ssize_t more = read(ends[0], back + got, size - got);
        CHECK(more > 0);
        got += (size_t)more;
    }
    CHECK_OK(rig_follow(&rig, op));
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    close(ends[0]);
    CHECK(memcmp(back, data, size) == 0);
    free(back);
    free(data);
    rig_stop(&rig);
}
