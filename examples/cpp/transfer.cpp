// Uploads a file, downloads it again beside itself, and says how long each took. Whatever happens, the destructors log
// out and close the port.
//
// Build:  c++ -std=c++17 transfer.cpp $(pkg-config --cflags --libs nlftp) -o transfer
// Run:    ./transfer /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD LOCAL REMOTE

#include <nlftp.hpp>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

static void show(const char *way, const nlftp::Transfer &transfer) {
    std::cout << way << ": " << transfer.bytes << " bytes in " << transfer.duration.count() << " ms"
              << (transfer.verified == nlftp::Verified::no ? ", not checked" : ", checked") << '\n';
    for (const std::string &warning : transfer.warnings) {
        std::cout << "  " << warning << '\n';
    }
}

int main(int argc, char **argv) {
    if (argc != 8) {
        std::cerr << "usage: " << argv[0] << " PORT HOST SERVER_PORT USER PASSWORD LOCAL REMOTE\n";
        return static_cast<int>(nlftp::Status::invalid_argument);
    }
    const std::filesystem::path local = argv[6];
    const std::string remote = argv[7];
    try {
        nlftp::Modem modem(nlftp::Config{argv[1]});
        modem.open();
        nlftp::Login login(argv[2], argv[4], argv[5]);
        login.set_port(static_cast<std::uint16_t>(std::stoi(argv[3])));
        nlftp::Ftp ftp = modem.ftp(login);

        nlftp::TransferOptions options;
        options.set_progress([](const nlftp::Progress &progress) { std::cerr << progress.done << " bytes\r"; });
        show("up", ftp.put_file(local, remote, options));
        show("down", ftp.get_file(remote, local.string() + ".copy", options));
        modem.close();
    } catch (const nlftp::Error &error) {
        std::cerr << nlftp::status_name(error.kind()) << ": " << error.what() << '\n';
        return static_cast<int>(error.kind());
    } catch (const std::exception &error) { // SERVER_PORT is no number, memory ran out
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
