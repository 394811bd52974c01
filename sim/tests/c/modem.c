/* A virtual modem is started, talked to, looked at, made silent, made to speak, unplugged and stopped. */
#include "support.h"

static void a_file_goes_up_and_its_commands_are_seen(void)
{
    nlftp_sim *sim;
    CHECK(nlftp_sim_start(NULL, &sim) == NLFTP_SIM_OK);
    const char *port, *host, *user, *password, *root;
    uint16_t server_port;
    CHECK(nlftp_sim_port(sim, &port) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_host(sim, &host) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_server_port(sim, &server_port) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_user(sim, &user) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_password(sim, &password) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_root(sim, &root) == NLFTP_SIM_OK);
    CHECK(strcmp(host, "127.0.0.1") == 0 && server_port != 0);

    size_t count = 99;
    CHECK(nlftp_sim_command_count(sim, &count) == NLFTP_SIM_OK && count == 0);
    int fd = serial_open(port);
    serial_ask(fd, "ATE0", "OK\r\n");
    serial_login(fd, host, server_port, user, password);
    serial_ask(fd, "AT+FTPPUT=\"up.txt\",5,1", "+FTPPUT: 2,5\r\n");
    CHECK(write(fd, "hello", 5) == 5);
    serial_until(fd, "+FTPPUT: 1\r\n");

    CHECK(nlftp_sim_command_count(sim, &count) == NLFTP_SIM_OK && count == 3);
    const char *line = "untouched", *again;
    CHECK(nlftp_sim_command(sim, 3, &line) == NLFTP_SIM_NO_VALUE);
    CHECK(strcmp(line, "untouched") == 0);
    CHECK(nlftp_sim_command(sim, 2, &line) == NLFTP_SIM_OK);
    CHECK(strcmp(line, "AT+FTPPUT=\"up.txt\",5,1") == 0);
    CHECK(nlftp_sim_command(sim, 2, &again) == NLFTP_SIM_OK && again == line);
    CHECK(nlftp_sim_command(sim, 0, &again) == NLFTP_SIM_OK && strcmp(again, "ATE0") == 0);

    char path[4096], folder[4096], content[6] = {0};
    snprintf(folder, sizeof folder, "%s", root);
    snprintf(path, sizeof path, "%.4000s/up.txt", root);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fread(content, 1, sizeof content, file) == 5);
    fclose(file);
    CHECK(strcmp(content, "hello") == 0);
    close(fd);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    struct stat status;
    CHECK(stat(folder, &status) != 0 && errno == ENOENT);
}

static void it_speaks_when_told_and_is_silent_when_told(void)
{
    nlftp_sim *sim;
    const char *port;
    CHECK(nlftp_sim_start(NULL, &sim) == NLFTP_SIM_OK && nlftp_sim_port(sim, &port) == NLFTP_SIM_OK);
    int fd = serial_open(port);
    serial_ask(fd, "ATE0", "OK\r\n");
    CHECK(nlftp_sim_send_urc(sim, "+CREG: 5") == NLFTP_SIM_OK);
    CHECK(strcmp(serial_until(fd, "5\r\n"), "\r\n+CREG: 5\r\n") == 0);
    CHECK(nlftp_sim_set_silent(sim, true) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_send_urc(sim, "+LOST: 1") == NLFTP_SIM_OK);
    CHECK(nlftp_sim_set_silent(sim, false) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_send_urc(sim, "+KEPT: 1") == NLFTP_SIM_OK);
    CHECK(strcmp(serial_until(fd, "1\r\n"), "\r\n+KEPT: 1\r\n") == 0);
    CHECK(nlftp_sim_send_urc(sim, "") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(nlftp_sim_send_urc(sim, "+A\r\n+B") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(strstr(nlftp_sim_last_error(), "one line") != NULL);
    close(fd);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
}

static void unplugged_it_is_gone_for_its_client(void)
{
    nlftp_sim *sim;
    const char *port;
    CHECK(nlftp_sim_start(NULL, &sim) == NLFTP_SIM_OK && nlftp_sim_port(sim, &port) == NLFTP_SIM_OK);
    int fd = serial_open(port);
    serial_ask(fd, "ATE0", "OK\r\n");
    CHECK(nlftp_sim_hang_up(sim) == NLFTP_SIM_OK);
    struct pollfd wait = {fd, POLLIN, 0};
    CHECK(poll(&wait, 1, PATIENCE_MS) == 1);
    char byte;
    CHECK(read(fd, &byte, 1) <= 0);
    close(fd);
    CHECK(nlftp_sim_send_urc(sim, "+NOBODY") == NLFTP_SIM_OK);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
}

static void two_at_once_are_two(void)
{
    nlftp_sim *one, *other;
    const char *port, *other_port;
    CHECK(nlftp_sim_start(NULL, &one) == NLFTP_SIM_OK && nlftp_sim_start(NULL, &other) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_port(one, &port) == NLFTP_SIM_OK && nlftp_sim_port(other, &other_port) == NLFTP_SIM_OK);
    CHECK(strcmp(port, other_port) != 0);
    int fd = serial_open(other_port);
    CHECK(nlftp_sim_stop(one) == NLFTP_SIM_OK);
    serial_ask(fd, "ATE0", "OK\r\n");
    close(fd);
    CHECK(nlftp_sim_stop(other) == NLFTP_SIM_OK);
}

int main(void)
{
    CHECK(strcmp(nlftp_sim_version(), "0.1.0") == 0);
    a_file_goes_up_and_its_commands_are_seen();
    it_speaks_when_told_and_is_silent_when_told();
    unplugged_it_is_gone_for_its_client();
    two_at_once_are_two();
    return 0;
}
