/* NULL everywhere, handles that are gone, handles of the other kind, and handles that never were. */
#include "support.h"

/* Calls everything that takes a running modem; each has to answer this. */
static void every_call_says(nlftp_sim *sim, nlftp_sim_status status)
{
    const char *text = "untouched";
    uint16_t port = 7;
    size_t count = 7;
    CHECK(nlftp_sim_port(sim, &text) == status);
    CHECK(nlftp_sim_host(sim, &text) == status);
    CHECK(nlftp_sim_server_port(sim, &port) == status);
    CHECK(nlftp_sim_user(sim, &text) == status);
    CHECK(nlftp_sim_password(sim, &text) == status);
    CHECK(nlftp_sim_root(sim, &text) == status);
    CHECK(nlftp_sim_send_urc(sim, "+X") == status);
    CHECK(nlftp_sim_set_silent(sim, true) == status);
    CHECK(nlftp_sim_hang_up(sim) == status);
    CHECK(nlftp_sim_command_count(sim, &count) == status);
    CHECK(nlftp_sim_command(sim, 0, &text) == status);
    CHECK(strcmp(text, "untouched") == 0 && port == 7 && count == 7);
}

int main(void)
{
    CHECK(strcmp(nlftp_sim_last_error(), "") == 0);
    every_call_says(NULL, NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(strcmp(nlftp_sim_last_error(), "sim is NULL") == 0);
    CHECK(nlftp_sim_stop(NULL) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_free(NULL) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_start(NULL, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_options_new(NULL) == NLFTP_SIM_INVALID_ARGUMENT);

    nlftp_sim_options *options;
    CHECK(nlftp_sim_options_new(&options) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_set(NULL, "user", "x") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_options_set(options, NULL, "x") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_options_set(options, "user", NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(strcmp(nlftp_sim_last_error(), "value is NULL") == 0);

    nlftp_sim *sim;
    CHECK(nlftp_sim_start(options, &sim) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_port(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_host(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_server_port(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_user(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_password(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_root(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_send_urc(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_command_count(sim, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_command(sim, 0, NULL) == NLFTP_SIM_INVALID_ARGUMENT);
    const char *line = "untouched";
    CHECK(nlftp_sim_command(sim, SIZE_MAX, &line) == NLFTP_SIM_NO_VALUE);

    /* The one for the other. */
    every_call_says((nlftp_sim *)(void *)options, NLFTP_SIM_CLOSED);
    CHECK(nlftp_sim_stop((nlftp_sim *)(void *)options) == NLFTP_SIM_CLOSED);
    CHECK(nlftp_sim_options_free((nlftp_sim_options *)(void *)sim) == NLFTP_SIM_CLOSED);
    /* Neither. */
    every_call_says((nlftp_sim *)(void *)&sim, NLFTP_SIM_CLOSED);

    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_CLOSED);
    CHECK(nlftp_sim_options_set(options, "user", "x") == NLFTP_SIM_CLOSED);
    nlftp_sim *none = NULL;
    CHECK(nlftp_sim_start(options, &none) == NLFTP_SIM_CLOSED && none == NULL);

    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_CLOSED);
    every_call_says(sim, NLFTP_SIM_CLOSED);
    CHECK(strstr(nlftp_sim_last_error(), "stopped or freed before") != NULL);
    /* A later one never has the name of an earlier one. */
    nlftp_sim *later;
    CHECK(nlftp_sim_start(NULL, &later) == NLFTP_SIM_OK && later != sim);
    every_call_says(sim, NLFTP_SIM_CLOSED);
    CHECK(nlftp_sim_stop(later) == NLFTP_SIM_OK);
    return 0;
}
