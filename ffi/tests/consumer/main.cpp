// As main.c, in C++.
#include <iostream>
#include <string>

#include <nlftp.hpp>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " PORT\n";
        return 2;
    }
    if (std::string(nlftp_version()) != NLFTP_VERSION) {
        std::cerr << "the library is " << nlftp_version() << ", its header " << NLFTP_VERSION << "\n";
        return 1;
    }
    try {
        nlftp::Modem modem{nlftp::Config(argv[1])};
        modem.open();
    } catch (const nlftp::Error &error) {
        const auto status = static_cast<nlftp_status>(error.kind());
        std::cout << static_cast<int>(status) << " " << nlftp_status_name(status) << "\n" << error.what() << "\n";
        return 0;
    }
    std::cerr << argv[1] << " was opened\n";
    return 1;
}
