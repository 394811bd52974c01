// A second part of a program with the same headers, always with exceptions.
#include "second_unit.hpp"

#include <nlftp.hpp>
#include <nlftp_sim.hpp>

int upload_and_catch(const char *port, const char *user, const char *password) {
    try {
        nlftp::Modem modem{nlftp::Config(port)};
        modem.open();
        nlftp::Ftp ftp = modem.ftp(nlftp::Login("ftp.example.com", user, password));
        ftp.put([](char *, std::size_t) -> std::size_t { throw 42; }, "file");
    } catch (int number) {
        return number == 42 ? 0 : 1;
    } catch (...) {
        return 2;
    }
    return 3;
}
