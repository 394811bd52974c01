#include "rig.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Ends a test that hangs; nothing that is right waits so long. */
static const int HANG_MS = 100000;

nlftp_modem *new_modem_on(const char *port)
{
    nlftp_config *config = NULL;
    nlftp_modem *modem = NULL;
    CHECK_OK(nlftp_config_new(port, &config));
    CHECK_OK(nlftp_config_set_timeout(config, 60000));
    CHECK_OK(nlftp_modem_new(config, &modem));
    CHECK_OK(nlftp_config_free(config));
    return modem;
}

void rig_start(struct rig *rig, const char *option, const char *value)
{
    nlftp_sim_options *options = NULL;
    const char *user = NULL;
    const char *password = NULL;
    memset(rig, 0, sizeof *rig);
    SIM_OK(nlftp_sim_options_new(&options));
    if (option != NULL) {
        SIM_OK(nlftp_sim_options_set(options, option, value));
    }
    SIM_OK(nlftp_sim_start(options, &rig->sim));
    SIM_OK(nlftp_sim_options_free(options));
    SIM_OK(nlftp_sim_port(rig->sim, &rig->port));
    SIM_OK(nlftp_sim_root(rig->sim, &rig->root));
    SIM_OK(nlftp_sim_user(rig->sim, &user));
    SIM_OK(nlftp_sim_password(rig->sim, &password));
    CHECK_OK(nlftp_login_new("ftp.example.com", user, password, &rig->login));
    rig->modem = new_modem_on(rig->port);
    CHECK_OK(nlftp_modem_fd(rig->modem, &rig->fd));
}

void rig_connect(struct rig *rig)
{
    CHECK_OK(nlftp_modem_open(rig->modem, NULL));
    CHECK_OK(nlftp_ftp_open(rig->modem, rig->login, NULL));
}

void rig_stop(struct rig *rig)
{
    CHECK_OK(nlftp_modem_free(rig->modem));
    CHECK_OK(nlftp_login_free(rig->login));
    SIM_OK(nlftp_sim_stop(rig->sim));
}

void rig_wait(const struct rig *rig)
{
    struct pollfd readable = {rig->fd, POLLIN, 0};
    int ready;
    do {
        ready = poll(&readable, 1, HANG_MS);
    } while (ready < 0 && errno == EINTR);
    CHECK(ready == 1);
    CHECK(readable.revents == POLLIN);
}

nlftp_status rig_follow(const struct rig *rig, nlftp_op *op)
{
    for (;;) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig->modem, &done));
        if (done == op) {
            return nlftp_op_status(op);
        }
        if (done == NULL) {
            rig_wait(rig);
        }
    }
}

void rig_settle(const struct rig *rig)
{
    struct pollfd readable = {rig->fd, POLLIN, 0};
    /* More than there can be: a descriptor that stays readable for nothing is an error. */
    for (int rounds = 0; rounds < 10000; rounds++) {
        nlftp_op *done = NULL;
        CHECK_OK(nlftp_modem_dispatch(rig->modem, &done));
        if (done == NULL && poll(&readable, 1, 0) == 0) {
            return;
        }
    }
    CHECK_FAIL("the descriptor stays readable");
}

char *make_data(size_t size, unsigned int seed)
{
    char *data = check_alloc(size);
    unsigned int state = seed * 2654435761u + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        unsigned int byte = state >> 24;
        /* Every eighth is one that a data phase escapes. */
        data[i] = (char)((state >> 8) % 8 == 0 ? (byte % 2 == 0 ? 0x03 : 0x10) : byte);
    }
    return data;
}

bool file_holds(const char *path, const char *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char *content = check_alloc(size + 1);
    bool same = fread(content, 1, size + 1, file) == size && memcmp(content, data, size) == 0;
    free(content);
    fclose(file);
    return same;
}

void write_file(const char *path, const char *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(data, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

char *path_in(const char *folder, const char *name)
{
    char *path = check_alloc(strlen(folder) + strlen(name) + 2);
    sprintf(path, "%s/%s", folder, name);
    return path;
}

void expect_transfer(nlftp_op *op, uint64_t bytes)
{
    const nlftp_transfer *transfer = NULL;
    uint64_t moved = 0;
    nlftp_verified verified = NLFTP_VERIFIED_NO;
    nlftp_via via = NLFTP_VIA_AUTO;
    int64_t duration = -1;
    uint64_t from = 77;
    const nlftp_lines *warnings = NULL;
    CHECK_OK(nlftp_op_transfer(op, &transfer));
    CHECK_OK(nlftp_transfer_bytes(transfer, &moved));
    CHECK_OK(nlftp_transfer_verified(transfer, &verified));
    CHECK_OK(nlftp_transfer_via(transfer, &via));
    CHECK_OK(nlftp_transfer_duration(transfer, &duration));
    CHECK_OK(nlftp_transfer_resumed_from(transfer, &from));
    CHECK_OK(nlftp_transfer_warnings(transfer, &warnings));
    CHECK(moved == bytes && verified == NLFTP_VERIFIED_SIZE && duration >= 0 && from == 0);
    CHECK(via == NLFTP_VIA_STREAM || via == NLFTP_VIA_BLOCK);
}
