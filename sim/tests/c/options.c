/* Options reach the modem and the server; argv[1] is a folder to work in. */
#include "support.h"

static nlftp_sim_options *options_with(const char *names_and_values[])
{
    nlftp_sim_options *options;
    CHECK(nlftp_sim_options_new(&options) == NLFTP_SIM_OK);
    for (; names_and_values[0] != NULL; names_and_values += 2) {
        CHECK(nlftp_sim_options_set(options, names_and_values[0], names_and_values[1]) == NLFTP_SIM_OK);
    }
    return options;
}

static nlftp_sim *start_with(const char *names_and_values[])
{
    nlftp_sim_options *options = options_with(names_and_values);
    nlftp_sim *sim;
    CHECK(nlftp_sim_start(options, &sim) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_OK);
    return sim;
}

static void the_modem_is_as_told(const char *folder)
{
    char link[4096];
    snprintf(link, sizeof link, "%.4000s/port", folder);
    const char *told[] = {"link",     link,       "dialect",  "colon=tight", "detached", "true", "apn-user", "me",
                          "apn-password", "mine", "dtr", "ignored", "turnaround", "1", "baud", "115200", NULL};
    nlftp_sim *sim = start_with(told);
    const char *port;
    CHECK(nlftp_sim_port(sim, &port) == NLFTP_SIM_OK && strcmp(port, link) == 0);
    int fd = serial_open(port);
    CHECK(strstr(serial_ask(fd, "AT+MIPCALL?", "OK\r\n"), "+MIPCALL:0") != NULL);
    serial_ask(fd, "AT+MIPCALL=1,\"net\",\"me\",\"wrong\"", "ERROR\r\n");
    serial_ask(fd, "AT+MIPCALL=1,\"net\",\"me\",\"mine\"", "OK\r\n");
    close(fd);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    struct stat status;
    CHECK(lstat(link, &status) != 0 && errno == ENOENT);
}

static void the_server_is_as_told_or_another_one(const char *folder)
{
    const char *told[] = {"root", folder, "user", "someone", "password", "some thing", NULL};
    nlftp_sim *sim = start_with(told);
    const char *user, *password, *root;
    uint16_t server_port;
    CHECK(nlftp_sim_root(sim, &root) == NLFTP_SIM_OK && strcmp(root, folder) == 0);
    CHECK(nlftp_sim_user(sim, &user) == NLFTP_SIM_OK && strcmp(user, "someone") == 0);
    CHECK(nlftp_sim_password(sim, &password) == NLFTP_SIM_OK && strcmp(password, "some thing") == 0);
    CHECK(nlftp_sim_server_port(sim, &server_port) == NLFTP_SIM_OK);

    char address[64];
    snprintf(address, sizeof address, "localhost:%u", server_port);
    const char *theirs[] = {"server", address, NULL};
    nlftp_sim *second = start_with(theirs);
    const char *port, *host;
    uint16_t number;
    CHECK(nlftp_sim_port(second, &port) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_host(second, &host) == NLFTP_SIM_OK && strcmp(host, "localhost") == 0);
    CHECK(nlftp_sim_server_port(second, &number) == NLFTP_SIM_OK && number == server_port);
    const char *none = "untouched";
    CHECK(nlftp_sim_user(second, &none) == NLFTP_SIM_NO_VALUE);
    CHECK(nlftp_sim_password(second, &none) == NLFTP_SIM_NO_VALUE);
    CHECK(nlftp_sim_root(second, &none) == NLFTP_SIM_NO_VALUE && strcmp(none, "untouched") == 0);
    int fd = serial_open(port);
    serial_login(fd, "anywhere.example", 21, "someone", "some thing");
    close(fd);
    CHECK(nlftp_sim_stop(second) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    struct stat status;
    CHECK(stat(folder, &status) == 0);
}

static void the_last_value_counts_and_a_wrong_one_does_not(void)
{
    const char *told[] = {"user", "first", "user", "second", NULL};
    nlftp_sim_options *options = options_with(told);
    CHECK(nlftp_sim_options_set(options, "user", "\xff") == NLFTP_SIM_INVALID_ARGUMENT);
    nlftp_sim *sim;
    const char *user;
    CHECK(nlftp_sim_start(options, &sim) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_set(options, "user", "later") == NLFTP_SIM_OK);
    CHECK(nlftp_sim_user(sim, &user) == NLFTP_SIM_OK && strcmp(user, "second") == 0);
    CHECK(nlftp_sim_stop(sim) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_OK);
}

static void what_cannot_be_is_said(const char *folder)
{
    nlftp_sim_options *options;
    CHECK(nlftp_sim_options_new(&options) == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_set(options, "colour", "red") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(strstr(nlftp_sim_last_error(), "turnaround") != NULL);
    CHECK(nlftp_sim_options_set(options, "dtr", "maybe") == NLFTP_SIM_INVALID_ARGUMENT);
    CHECK(strcmp(nlftp_sim_last_error(), "dtr has to be present, ignored or absent") == 0);
    CHECK(nlftp_sim_options_set(options, "server", "localhost:21") == NLFTP_SIM_OK);
    CHECK(nlftp_sim_options_set(options, "root", folder) == NLFTP_SIM_OK);
    nlftp_sim *sim = NULL;
    CHECK(nlftp_sim_start(options, &sim) == NLFTP_SIM_INVALID_ARGUMENT && sim == NULL);
    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_OK);

    char path[4096];
    snprintf(path, sizeof path, "%.4000s/nowhere", folder);
    const char *told[] = {"root", path, NULL};
    options = options_with(told);
    CHECK(nlftp_sim_start(options, &sim) == NLFTP_SIM_SYSTEM && sim == NULL);
    CHECK(strstr(nlftp_sim_last_error(), path) != NULL);
    CHECK(nlftp_sim_options_free(options) == NLFTP_SIM_OK);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    the_modem_is_as_told(argv[1]);
    the_server_is_as_told_or_another_one(argv[1]);
    the_last_value_counts_and_a_wrong_one_does_not();
    what_cannot_be_is_said(argv[1]);
    return 0;
}
