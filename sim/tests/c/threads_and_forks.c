/* One handle, several threads, one of which stops it; and a child that was forked meanwhile. */
#include "support.h"

static void *use_until_closed(void *handle)
{
    nlftp_sim *sim = handle;
    size_t count;
    nlftp_sim_status status;
    do {
        const char *line;
        status = nlftp_sim_command(sim, 0, &line);
        CHECK(status == NLFTP_SIM_OK || status == NLFTP_SIM_CLOSED);
        status = nlftp_sim_command_count(sim, &count);
    } while (status == NLFTP_SIM_OK);
    CHECK(status == NLFTP_SIM_CLOSED);
    CHECK(strlen(nlftp_sim_last_error()) > 0);
    return NULL;
}

static void threads_share_a_handle_until_one_stops_it(void)
{
    nlftp_sim *sim;
    const char *port;
    CHECK(nlftp_sim_start(NULL, &sim) == NLFTP_SIM_OK && nlftp_sim_port(sim, &port) == NLFTP_SIM_OK);
    int fd = serial_open(port);
    serial_ask(fd, "ATE0", "OK\r\n");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&threads[i], NULL, use_until_closed, sim) == 0);
    }
    for (int i = 0; i < 20; i++) {
        serial_ask(fd, "AT", "OK\r\n");
    }
    close(fd);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(strcmp(nlftp_sim_last_error(), "") == 0);
}

static void a_child_touches_nothing_and_can_have_its_own(void)
{
    nlftp_sim *sim;
    const char *port;
    CHECK(nlftp_sim_start(NULL, &sim) == NLFTP_SIM_OK && nlftp_sim_port(sim, &port) == NLFTP_SIM_OK);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const char *text;
        CHECK(nlftp_sim_port(sim, &text) == NLFTP_SIM_CLOSED);
        CHECK(nlftp_sim_hang_up(sim) == NLFTP_SIM_CLOSED);
        CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_CLOSED);
        nlftp_sim *own;
        CHECK(nlftp_sim_start(NULL, &own) == NLFTP_SIM_OK && own != sim);
        CHECK(nlftp_sim_port(own, &text) == NLFTP_SIM_OK);
        int fd = serial_open(text);
        serial_ask(fd, "AT", "OK\r\n");
        close(fd);
        CHECK(nlftp_sim_stop(own) == NLFTP_SIM_OK);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    int fd = serial_open(port);
    serial_ask(fd, "AT", "OK\r\n");
    close(fd);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
}

int main(void)
{
    threads_share_a_handle_until_one_stops_it();
    a_child_touches_nothing_and_can_have_its_own();
    return 0;
}
