// Uploads the files of a folder that the server does not have, or has with another size. Files that are on the server
// alone stay there; folders in the folder are left out.
//
// Build:  c++ -std=c++17 sync.cpp $(pkg-config --cflags --libs nlftp) -o sync
// Run:    ./sync /dev/ttyUSB2 ftp.example.com 21 USER PASSWORD FOLDER REMOTE_FOLDER

#include <nlftp.hpp>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

namespace fs = std::filesystem;

// Goes to the remote folder, which is made if it is not there yet.
static void enter(nlftp::Ftp &ftp, const std::string &folder) {
    std::error_code error;
    ftp.cwd(folder, error);
    if (error == nlftp::Status::refused) {
        ftp.mkd(folder);
        ftp.cwd(folder);
    } else if (error) {
        throw nlftp::Error(nlftp::last_error());
    }
}

static int sync(nlftp::Ftp &ftp, const fs::path &folder) {
    // Entry by entry, as a server's folder may be large.
    std::map<std::string, std::uint64_t> remote;
    for (const nlftp::Entry &entry : ftp.entries()) {
        if (entry.type == nlftp::EntryType::file && entry.size) {
            remote[entry.name] = *entry.size;
        }
    }
    int sent = 0;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const auto known = remote.find(name);
        if (!entry.is_regular_file() || (known != remote.end() && known->second == entry.file_size())) {
            continue;
        }
        const nlftp::Transfer transfer = ftp.put_file(entry.path(), name);
        std::cout << name << ": " << transfer.bytes << " bytes\n";
        ++sent;
    }
    return sent;
}

int main(int argc, char **argv) {
    if (argc != 8) {
        std::cerr << "usage: " << argv[0] << " PORT HOST SERVER_PORT USER PASSWORD FOLDER REMOTE_FOLDER\n";
        return static_cast<int>(nlftp::Status::invalid_argument);
    }
    try {
        nlftp::Modem modem(nlftp::Config{argv[1]});
        modem.open();
        nlftp::Login login(argv[2], argv[4], argv[5]);
        login.set_port(static_cast<std::uint16_t>(std::stoi(argv[3])));
        nlftp::Ftp ftp = modem.ftp(login);
        enter(ftp, argv[7]);
        std::cout << sync(ftp, argv[6]) << " files sent\n";
    } catch (const nlftp::Error &error) {
        std::cerr << nlftp::status_name(error.kind()) << ": " << error.what() << '\n';
        return static_cast<int>(error.kind());
    } catch (const std::exception &error) { // a local folder that cannot be read, for example
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
