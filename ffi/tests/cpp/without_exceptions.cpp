// Every call by its overload with an error code: for -fno-exceptions -fno-rtti, and the same with exceptions.
#include <cstddef>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "rig.hpp"
#include "second_unit.hpp"

using nlftp::Operation;
using nlftp::Status;

TEST(verbs) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::error_code error = Status::timeout; // each call clears it first
    ftp.mkd("d", error);
    CHECK_NONE(error);
    ftp.cwd("d", error);
    CHECK_NONE(error);
    CHECK(ftp.pwd(error) == "/d");
    ftp.put(nlftp::Source::memory("12345"), "one", {}, error);
    CHECK_NONE(error);
    ftp.rename("one", "two", error);
    CHECK_NONE(error);
    const nlftp::Listing listing = ftp.list({}, error);
    CHECK(listing.size() == 1 && listing[0].name == "two" && listing[0].size == 5u);
    nlftp::Entries entries = ftp.entries({}, error);
    CHECK_NONE(error);
    const std::optional<nlftp::Entry> entry = entries.next(error);
    CHECK(entry && entry->name == "two");
    CHECK(!entries.next(error));
    CHECK_NONE(error);
    CHECK(!ftp.stat("two", error).empty());
    CHECK(!ftp.syst(error).empty());
    CHECK(ftp.is_connected(error));
    ftp.delete_file("two", error);
    CHECK_NONE(error);
    ftp.cdup(error);
    CHECK_NONE(error);
    ftp.rmd("d", error);
    CHECK_NONE(error);
    ftp.noop(error);
    CHECK_NONE(error);
    ftp.on_info([](std::string_view) {}, error);
    CHECK_NONE(error);
    ftp.on_info(nullptr, error);
    CHECK_NONE(error);
    ftp.close(error);
    CHECK_NONE(error);
    CHECK(!rig.modem.command("AT+CSQ", error).empty());
    CHECK(!rig.modem.attach("CTNET", error).empty());
    CHECK(!rig.modem.attach("CTNET", "user", "password", error).empty());
    CHECK(rig.modem.info(error).sim == "READY");
    rig.modem.set_ftp_limit(20, error);
    CHECK_NONE(error);
    rig.modem.detach(error);
    CHECK_NONE(error);
    CHECK(rig.modem.path(error) == rig.sim.port());
    rig.modem.warnings(error);
    CHECK_NONE(error);
    rig.modem.close(error);
    CHECK_NONE(error);
    rig.modem.state(error);
    CHECK_ERROR(Status::closed, error);
    rig.modem.open(error);
    CHECK_ERROR(Status::closed, error);
}

TEST(transfers) {
    Rig rig;
    const Folder folder;
    nlftp::Ftp ftp = rig.connect();
    std::error_code error;
    const std::string data = make_data(20'000);
    std::uint64_t moved = 0;
    nlftp::PutOptions options;
    options.set_progress([&](const nlftp::Progress &progress) { moved = progress.done; });
    std::istringstream in(data);
    CHECK(ftp.put(in, "stream", options, error).bytes == data.size());
    CHECK_NONE(error);
    CHECK(moved == data.size());
    std::ostringstream out;
    ftp.get("stream", out, {}, error);
    CHECK_NONE(error);
    CHECK(out.str() == data);
    ftp.get_file("stream", folder / "file", {}, error);
    CHECK_NONE(error);
    CHECK(ftp.put_file(folder / "file", "file", {}, error).verified == nlftp::Verified::size);
    CHECK_NONE(error);
    std::vector<std::byte> octets;
    ftp.get("file", octets, {}, error);
    CHECK(octets.size() == data.size());
    std::size_t at = 0;
    const auto read = [&](char *buffer, std::size_t size) {
        const std::size_t count = data.copy(buffer, size, at);
        at += count;
        return count;
    };
    ftp.put(read, "lambda", {}, error);
    CHECK_NONE(error);
    std::string back;
    const auto write = [&](const char *part, std::size_t size) { back.append(part, size); };
    ftp.get("lambda", write, {}, error);
    CHECK_NONE(error);
    CHECK(back == data);
    ftp.put([](char *, std::size_t) { return nlftp::Amount::failed(); }, "failed", {}, error);
    CHECK_ERROR(Status::local_file, error);
    ftp.put_file(folder / "missing", "missing", {}, error);
    CHECK_ERROR(Status::local_file, error);
    CHECK(nlftp::last_error().os_error == ENOENT);
    CHECK(!nlftp::last_error().sentence.empty());
}

TEST(loop) {
    Rig rig;
    std::error_code error;
    std::string line;
    std::vector<nlftp::State> states;
    rig.modem.on_urc([&](std::string_view text) { line = text; }, error);
    CHECK_NONE(error);
    rig.modem.on_state([&](nlftp::State state) { states.push_back(state); }, error);
    CHECK_NONE(error);
    bool connected = false;
    rig.modem.start_open(error).then(
        [&](Operation &opened) {
            CHECK(opened.status() == Status::ok);
            std::error_code inner;
            rig.modem.start_ftp(rig.login(), inner)
                .then([&](Operation &operation) { connected = operation.status() == Status::ok; }, inner);
            CHECK_NONE(inner);
        },
        error);
    CHECK_NONE(error);
    while (!connected) {
        wait_readable(rig.modem);
        CHECK(!rig.modem.dispatch(error));
        CHECK_NONE(error);
    }
    CHECK(!states.empty());
    nlftp::Ftp ftp = rig.modem.connection();
    Operation pwd = ftp.start_pwd(error);
    while (rig.modem.dispatch(error) != pwd.id()) {
        wait_readable(rig.modem);
    }
    CHECK(pwd.text(error) == "/");
    CHECK_NONE(error);
    Operation refused = ftp.start_cwd("nowhere", error);
    CHECK(refused.wait(std::chrono::minutes(1), error));
    CHECK_ERROR(Status::refused, error);
    rig.sim.send_urc("+URC: 1", error);
    CHECK_NONE(error);
    while (line != "+URC: 1") {
        wait_readable(rig.modem);
        rig.modem.dispatch(error);
    }
}

TEST(arguments) {
    std::error_code error;
    nlftp::Config config(std::filesystem::path(), error);
    CHECK_ERROR(Status::invalid_argument, error);
    nlftp::Login login(std::string_view("a\0b", 3), "user", "password", error);
    CHECK_ERROR(Status::invalid_argument, error);
    CHECK(nlftp::Listing::parse("-rw-r--r-- 1 u g 7 Jan 1 2026 f\r\n", error).size() == 1);
    CHECK_NONE(error);
    nlftp::set_log(nlftp::LogLevel::trace, [](nlftp::LogLevel, std::string_view) {}, error);
    CHECK_NONE(error);
    nlftp::set_log(nlftp::LogLevel::off, nullptr, error);
    CHECK_NONE(error);
}

// The header is in another part of the program, too, which was compiled with exceptions.
TEST(two_units) {
    Rig rig;
    rig.connect();
    const std::string port = rig.sim.port().string();
    rig.modem = make_modem("/dev/null"); // frees the port
    const std::string user = rig.sim.user();
    const std::string password = rig.sim.password();
    CHECK(upload_and_catch(port.c_str(), user.c_str(), password.c_str()) == 0);
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
