#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "events.h"
#include "rig.h"

/* The states that were told, in order. */
struct states {
    nlftp_state seen[64];
    size_t count;
};

static void note_state(nlftp_state state, void *user_data)
{
    struct states *states = user_data;
    CHECK(states->count < sizeof states->seen / sizeof *states->seen);
    states->seen[states->count++] = state;
}

static nlftp_state last_state(const struct rig *rig)
{
    nlftp_state state = NLFTP_STATE_CLOSED;
    CHECK_OK(nlftp_modem_state(rig->modem, &state));
    return state;
}

static bool was_told(const struct states *states, nlftp_state state)
{
    for (size_t i = 0; i < states->count; i++) {
        if (states->seen[i] == state) {
            return true;
        }
    }
    return false;
}

/* Runs the loop until that state was told. */
static void follow_to_state(const struct rig *rig, const struct states *states, nlftp_state state)
{
    for (;;) {
        CHECK_OK(nlftp_modem_dispatch(rig->modem, NULL));
        if (was_told(states, state)) {
            return;
        }
        rig_wait(rig);
    }
}

/* Another virtual modem on the same path: the plug is in again. */
static void plug_in(struct rig *rig, const char *link)
{
    nlftp_sim_options *options = NULL;
    SIM_OK(nlftp_sim_stop(rig->sim));
    SIM_OK(nlftp_sim_options_new(&options));
    SIM_OK(nlftp_sim_options_set(options, "link", link));
    SIM_OK(nlftp_sim_start(options, &rig->sim));
    SIM_OK(nlftp_sim_options_free(options));
    SIM_OK(nlftp_sim_root(rig->sim, &rig->root));
}

static nlftp_status open_and_follow(struct rig *rig)
{
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_modem_open(rig->modem, &op));
    nlftp_status status = rig_follow(rig, op);
    CHECK_OK(nlftp_op_free(op));
    return status;
}

void port_lost_and_opened_again(const char *folder)
{
    struct rig rig;
    struct states states = {{NLFTP_STATE_CLOSED}, 0};
    char *link = path_in(folder, "port");
    rig_start(&rig, "link", link);
    CHECK_OK(nlftp_modem_on_state(rig.modem, note_state, &states));
    rig_connect(&rig);
    CHECK(last_state(&rig) == NLFTP_STATE_CONNECTED);
    follow_to_state(&rig, &states, NLFTP_STATE_CONNECTED);
    CHECK(was_told(&states, NLFTP_STATE_OPENING) && was_told(&states, NLFTP_STATE_READY));
    CHECK(!was_told(&states, NLFTP_STATE_LOST));

    SIM_OK(nlftp_sim_hang_up(rig.sim));
    follow_to_state(&rig, &states, NLFTP_STATE_LOST);
    CHECK(last_state(&rig) == NLFTP_STATE_LOST);
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_noop(rig.modem, &op));
    CHECK_IS(NLFTP_PORT, rig_follow(&rig, op));
    CHECK_OK(nlftp_op_free(op));
    CHECK_IS(NLFTP_PORT, nlftp_modem_command(rig.modem, "AT", NULL, NULL));
    /* There is nothing to open. */
    CHECK_IS(NLFTP_PORT, open_and_follow(&rig));

    plug_in(&rig, link);
    states.count = 0;
    CHECK_OK(open_and_follow(&rig));
    follow_to_state(&rig, &states, NLFTP_STATE_READY);
    CHECK(last_state(&rig) == NLFTP_STATE_READY || last_state(&rig) == NLFTP_STATE_CONNECTED);
    int fd = -1;
    CHECK_OK(nlftp_modem_fd(rig.modem, &fd));
    CHECK(fd == rig.fd);
    /* The connection is the caller's to open anew, or comes with the next verb: a put must work after either. */
    nlftp_status status = nlftp_ftp_open(rig.modem, rig.login, NULL);
    CHECK(status == NLFTP_OK || status == NLFTP_BUSY);
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, "content", 7, "file", NULL, NULL));
    char *file = path_in(rig.root, "file");
    CHECK(file_holds(file, "content", 7));
    free(file);
    free(link);
    rig_stop(&rig);
}

/* A source that unplugs the port once it has given something, and then has nothing more to give. */
static nlftp_status read_and_unplug(void *buffer, size_t size, size_t *count, void *user_data)
{
    struct rig *rig = user_data;
    static bool unplugged = false;
    *count = 0;
    if (unplugged) {
        return NLFTP_AGAIN;
    }
    unplugged = true;
    memset(buffer, 'a', size);
    *count = size;
    SIM_OK(nlftp_sim_hang_up(rig->sim));
    return NLFTP_OK;
}

void port_lost_in_a_transfer(const char *folder)
{
    (void)folder;
    struct rig rig;
    struct states states = {{NLFTP_STATE_CLOSED}, 0};
    rig_start(&rig, NULL, NULL);
    rig_connect(&rig);
    CHECK_OK(nlftp_modem_on_state(rig.modem, note_state, &states));
    nlftp_op *op = NULL;
    nlftp_op *behind = NULL;
    CHECK_OK(nlftp_ftp_put(rig.modem, read_and_unplug, NULL, &rig, -1, "file", NULL, &op));
    CHECK_OK(nlftp_ftp_noop(rig.modem, &behind));
    CHECK_IS(NLFTP_PORT, rig_follow(&rig, op));
    CHECK(nlftp_last_error()[0] != '\0');
    CHECK_IS(NLFTP_PORT, nlftp_op_wait(behind, -1));
    CHECK_OK(nlftp_op_free(op));
    CHECK_OK(nlftp_op_free(behind));
    follow_to_state(&rig, &states, NLFTP_STATE_LOST);
    rig_settle(&rig);
    /* Freed in this state, too, it goes at once. */
    rig_stop(&rig);
}

/* A port that is unplugged in the middle of an upload, once. */
struct plug {
    struct rig *rig;
    const char *link;
    bool pulled;
};

static void pull_and_plug_in(uint64_t done, int64_t total, double rate, void *user_data)
{
    struct plug *plug = user_data;
    (void)total;
    (void)rate;
    if (done > 100000 && !plug->pulled) {
        plug->pulled = true;
        plug_in(plug->rig, plug->link);
    }
}

void port_unplugged_and_waited_for(const char *folder)
{
    struct rig rig;
    char *link = path_in(folder, "port");
    size_t size = 400000;
    char *data = make_data(size, 4);
    rig_start(&rig, "link", link);
    CHECK_OK(nlftp_modem_free(rig.modem));
    nlftp_config *config = NULL;
    CHECK_OK(nlftp_config_new(link, &config));
    CHECK_OK(nlftp_config_set_port_timeout(config, 600000));
    CHECK_OK(nlftp_modem_new(config, &rig.modem));
    CHECK_OK(nlftp_config_free(config));
    CHECK_OK(nlftp_modem_fd(rig.modem, &rig.fd));
    rig_connect(&rig);

    struct plug plug = {&rig, link, false};
    nlftp_transfer_options *options = NULL;
    CHECK_OK(nlftp_transfer_options_new(&options));
    CHECK_OK(nlftp_transfer_options_set_retry(options, 3, 1, -1));
    CHECK_OK(nlftp_transfer_options_set_progress(options, pull_and_plug_in, &plug));
    nlftp_op *op = NULL;
    CHECK_OK(nlftp_ftp_put_memory(rig.modem, data, size, "file", options, &op));
    CHECK_OK(rig_follow(&rig, op));
    CHECK(plug.pulled);
    expect_transfer(op, size);
    CHECK_OK(nlftp_op_free(op));
    char *file = path_in(rig.root, "file");
    CHECK(file_holds(file, data, size));
    free(file);

    /* Limits that are none, and tries that are none. */
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_set_retry(options, 1, 0, -1));
    CHECK_IS(NLFTP_INVALID_ARGUMENT, nlftp_transfer_options_set_retry(options, 1, 1, 0));
    CHECK_OK(nlftp_transfer_options_set_retry(options, 0, 1, -1));
    CHECK_OK(nlftp_transfer_options_set_retry(options, UINT32_MAX, INT64_MAX, INT64_MAX));
    CHECK_OK(nlftp_transfer_options_free(options));
    free(data);
    free(link);
    rig_stop(&rig);
}
