// Without a call that blocks: poll(2), Modem::dispatch, operations by id and by completion.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "rig.hpp"

using nlftp::Operation;
using nlftp::Status;

// Runs the loop until this operation was handed out.
static void follow(Rig &rig, const Operation &operation) {
    for (;;) {
        while (const auto id = rig.modem.dispatch()) {
            CHECK(*id == operation.id());
            CHECK(operation.done());
            return;
        }
        wait_readable(rig.modem);
    }
}

TEST(operations_by_id) {
    Rig rig;
    const int fd = rig.modem.fd(); // before the port is open
    Operation open = rig.modem.start_open();
    CHECK(open.id() != nlftp::OperationId{});
    CHECK_THROWS(nlftp::Error, open.transfer()) {
        CHECK(caught.kind() == Status::pending || caught.kind() == Status::invalid_argument);
    }
    follow(rig, open);
    CHECK(open.status() == Status::ok);
    Operation login = rig.modem.start_ftp(rig.login());
    follow(rig, login);
    CHECK(login.status() == Status::ok);
    nlftp::Ftp ftp = rig.modem.connection();

    const std::string data = make_data(40'000);
    Operation put = ftp.start_put(nlftp::Source::memory(data), "file");
    follow(rig, put);
    CHECK(put.transfer().bytes == data.size());
    std::string back;
    Operation get = ftp.start_get("file", back);
    follow(rig, get);
    CHECK(get.transfer().bytes == data.size());
    CHECK(back == data);
    Operation list = ftp.start_list();
    follow(rig, list);
    CHECK(list.listing().find("file") != nullptr);
    Operation stat = ftp.start_stat("file");
    follow(rig, stat);
    CHECK(!stat.lines().empty());
    Operation connected = ftp.start_is_connected();
    follow(rig, connected);
    CHECK(connected.connected());
    Operation info = rig.modem.start_info();
    follow(rig, info);
    CHECK(info.info().sim == "READY");
    Operation syst = ftp.start_syst();
    follow(rig, syst);
    CHECK(!syst.text().empty());
    Operation failing = ftp.start_cwd("nowhere");
    follow(rig, failing);
    CHECK(failing.status() == Status::refused);
    CHECK_THROWS(nlftp::Error, failing.wait()) { CHECK(caught.kind() == Status::refused); }
    CHECK(rig.modem.fd() == fd);
    Operation close = rig.modem.start_close();
    follow(rig, close);
    CHECK(close.status() == Status::ok);
}

TEST(every_verb_starts) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const Folder folder;
    write_file(folder / "local", "content");
    std::vector<std::function<Operation()>> starts = {
        [&] { return rig.modem.start_command("AT"); },
        [&] { return rig.modem.start_attach("CTNET"); },
        [&] { return rig.modem.start_attach("CTNET", "user", "password"); },
        [&] { return rig.modem.start_set_ftp_limit(30); },
        [&] { return ftp.start_mkd("d"); },
        [&] { return ftp.start_cwd("d"); },
        [&] { return ftp.start_put_file(folder / "local", "one"); },
        [&] { return ftp.start_rename("one", "two"); },
        [&] { return ftp.start_get_file("two", folder / "back"); },
        [&] { return ftp.start_delete_file("two"); },
        [&] { return ftp.start_cdup(); },
        [&] { return ftp.start_rmd("d"); },
        [&] { return ftp.start_pwd(); },
        [&] { return ftp.start_noop(); },
        [&] { return ftp.start_on_info([](std::string_view) {}); },
        [&] { return ftp.start_on_info(nullptr); },
        [&] { return ftp.start_close(); },
        [&] { return rig.modem.start_detach(); },
    };
    for (const auto &start : starts) {
        const Operation operation = start();
        follow(rig, operation);
        CHECK(operation.status() == Status::ok);
    }
    CHECK(read_file(folder / "back") == "content");
    CHECK(std::filesystem::is_empty(rig.sim.root()));
}

// A gateway's loop: one step starts the next.
struct Gateway {
    Gateway() {
        rig.modem.on_state([this](nlftp::State state) { states.push_back(state); });
        rig.modem.start_open().then([this](Operation &opened) {
            opened.wait();
            rig.modem.start_ftp(rig.login()).then([this](Operation &connected) {
                connected.wait();
                upload();
            });
        });
    }
    void upload() {
        nlftp::PutOptions options;
        options.set_progress([this](const nlftp::Progress &progress) { moved = progress.done; });
        rig.modem.connection()
            .start_put(nlftp::Source::memory(std::string(data)), "file", options)
            .then([this, only_moves = std::make_unique<int>(1)](Operation &operation) {
                CHECK(*only_moves == 1);
                sent = operation.transfer();
            });
    }

    Rig rig;
    std::string data = make_data(60'000);
    std::vector<nlftp::State> states;
    std::uint64_t moved = 0;
    std::optional<nlftp::Transfer> sent;
};

TEST(two_modems_by_completion) {
    std::array<Gateway, 2> gateways;
    while (!gateways[0].sent || !gateways[1].sent) {
        std::array<pollfd, 2> descriptors{{{gateways[0].rig.modem.fd(), POLLIN, 0}, //
                                           {gateways[1].rig.modem.fd(), POLLIN, 0}}};
        CHECK(poll(descriptors.data(), descriptors.size(), -1) > 0);
        for (std::size_t index = 0; index < descriptors.size(); ++index) {
            if (descriptors[index].revents != 0) {
                while (gateways[index].rig.modem.dispatch()) {
                    CHECK(false); // all operations were given to then()
                }
            }
        }
    }
    for (Gateway &gateway : gateways) {
        CHECK(gateway.sent->bytes == gateway.data.size());
        CHECK(gateway.moved == gateway.data.size());
        CHECK(gateway.states == std::vector<nlftp::State>{nlftp::State::opening, nlftp::State::ready,
                                                          nlftp::State::connected});
        CHECK(read_file(gateway.rig.sim.root() / "file") == gateway.data);
    }
}

// Runs the loop until the condition holds.
template <class Condition>
static void run_until(Rig &rig, Condition &&condition) {
    while (!condition()) {
        wait_readable(rig.modem);
        rig.modem.dispatch();
    }
}

TEST(completions_that_throw) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    ftp.start_noop().then([](Operation &) { throw std::runtime_error("completion"); });
    CHECK_THROWS(std::runtime_error, run_until(rig, [] { return false; })) {
        CHECK(std::string(caught.what()) == "completion");
    }
    // What the operation's own callback threw comes out of its result, and so of the completion.
    const auto source = [](char *, std::size_t) -> std::size_t { throw std::logic_error("source"); };
    ftp.start_put(source, "file").then([](Operation &operation) { operation.transfer(); });
    CHECK_THROWS(std::logic_error, run_until(rig, [] { return false; })) {
        CHECK(std::string(caught.what()) == "source");
    }
    // Without exceptions for the caller: an error code.
    ftp.start_noop().then([](Operation &) { throw std::runtime_error("code"); });
    std::error_code error;
    while (!error) {
        wait_readable(rig.modem);
        CHECK(!rig.modem.dispatch(error).has_value());
    }
    CHECK_ERROR(Status::callback_failed, error);
    CHECK(ftp.pwd() == "/"); // a completion may wait, and so may what comes after it
}

TEST(urc_callbacks) {
    Rig rig;
    rig.modem.open();
    std::vector<std::string> lines;
    rig.modem.on_urc([&](std::string_view line) {
        lines.emplace_back(line);
        if (line == "+BAD: 1") {
            throw std::runtime_error("urc");
        }
    });
    rig.sim.send_urc("+GOOD: 1");
    run_until(rig, [&] { return !lines.empty(); });
    rig.sim.send_urc("+BAD: 1");
    CHECK_THROWS(std::runtime_error, run_until(rig, [] { return false; })) {
        CHECK(std::string(caught.what()) == "urc");
    }
    CHECK(lines == std::vector<std::string>{"+GOOD: 1", "+BAD: 1"});
    CHECK(!rig.modem.dispatch().has_value()); // it is told once
}

TEST(info_callbacks) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::vector<std::string> info, urcs;
    rig.modem.on_urc([&](std::string_view line) { urcs.emplace_back(line); });
    ftp.on_info([&](std::string_view line) { info.emplace_back(line); });
    ftp.pwd();
    run_until(rig, [&] { return !info.empty(); });
    ftp.on_info(nullptr);
    CHECK(rig.got("AT+FTPINFO=0"));
    CHECK(urcs.empty()); // somebody asked for those
}

TEST(again_and_resume) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    bool ready = false;
    bool asked = false;
    std::size_t given = 0;
    const std::string data = make_data(5000);
    Operation operation = ftp.start_put(
        [&](char *buffer, std::size_t size) -> nlftp::Amount {
            asked = true;
            if (!ready) {
                return nlftp::Amount::again();
            }
            const std::size_t count = data.copy(buffer, size, given);
            given += count;
            return count;
        },
        "file");
    run_until(rig, [&] { return asked; });
    while (rig.modem.dispatch()) {
    }
    CHECK(!operation.done());
    ready = true;
    operation.resume();
    follow(rig, operation);
    CHECK(operation.transfer().bytes == data.size());
}

TEST(then_after_the_end) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    Operation operation = ftp.start_pwd();
    operation.wait();
    std::string text;
    std::move(operation).then([&](Operation &ended) { text = ended.text(); });
    CHECK(text == "/");
    CHECK(!operation);
    CHECK(!rig.modem.dispatch().has_value());
    CHECK_THROWS(nlftp::Error, std::move(operation).then([](Operation &) {})) {
        CHECK(caught.kind() == Status::invalid_argument);
    }
    Operation handed = ftp.start_pwd();
    follow(rig, handed);
    CHECK_THROWS(std::runtime_error,
                 std::move(handed).then([](Operation &) { throw std::runtime_error("at once"); })) {
        CHECK(std::string(caught.what()) == "at once");
    }
}

TEST(a_modem_that_goes_drops_completions) {
    const auto held = std::make_shared<int>(0);
    {
        Rig rig;
        nlftp::Ftp ftp = rig.connect();
        ftp.start_put([](char *, std::size_t) { return nlftp::Amount::again(); }, "file")
            .then([held](Operation &) { ++*held; });
        rig.modem.dispatch();
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
    CHECK(*held == 0);
}

// Runs the loop in a thread until it has handed out this many ids.
static std::thread loop_in_thread(Rig &rig, std::vector<nlftp::OperationId> &handed, std::size_t count) {
    return std::thread([&rig, &handed, count] {
        while (handed.size() < count) {
            wait_readable(rig.modem);
            while (const auto id = rig.modem.dispatch()) {
                handed.push_back(*id);
            }
        }
    });
}

TEST(started_here_handed_out_there) {
    // A loop's thread may have an operation before the call that starts it has returned: it gets each one, and once.
    constexpr std::size_t count = 200;
    Rig rig;
    rig.connect();
    std::vector<nlftp::OperationId> handed;
    std::thread loop = loop_in_thread(rig, handed, count);
    std::vector<Operation> operations;
    while (operations.size() < count) {
        operations.push_back(rig.modem.start_command("AT"));
    }
    loop.join();
    CHECK(handed.size() == count);
    for (const Operation &operation : operations) {
        CHECK(operation.status() == Status::ok);
        CHECK(std::count(handed.begin(), handed.end(), operation.id()) == 1);
    }
}

TEST(given_away_here_completed_somewhere) {
    // Whether it has ended by then or not, a completion is called, and once.
    constexpr int count = 200;
    Rig rig;
    rig.connect();
    std::atomic<int> completed{0};
    int all_given[2]; // a pipe, closed when no more are given away
    CHECK(pipe(all_given) == 0);
    std::thread loop([&] {
        bool last = false;
        while (!last || completed < count) {
            std::array<pollfd, 2> descriptors{{{rig.modem.fd(), POLLIN, 0}, {last ? -1 : all_given[0], POLLIN, 0}}};
            CHECK(poll(descriptors.data(), descriptors.size(), -1) > 0);
            last = last || descriptors[1].revents != 0;
            while (rig.modem.dispatch()) {
            }
        }
    });
    for (int index = 0; index < count; ++index) {
        rig.modem.start_command("AT").then([&](Operation &operation) {
            CHECK(operation.status() == Status::ok);
            ++completed;
        });
    }
    CHECK(close(all_given[1]) == 0);
    loop.join();
    CHECK(close(all_given[0]) == 0);
    CHECK(completed == count);
}

TEST(closing_in_the_loop) {
    Rig rig;
    rig.connect();
    bool closed = false;
    rig.modem.start_close().then([&](Operation &operation) { closed = operation.status() == Status::ok; });
    run_until(rig, [&] { return closed; }); // which is no error of dispatch yet
    CHECK_THROWS(nlftp::Error, rig.modem.dispatch()) { CHECK(caught.kind() == Status::closed); }
}

TEST(completion_that_ends_the_modem) {
    Rig rig;
    std::optional<nlftp::Modem> modem = std::move(rig.modem);
    modem->start_open().then([&](Operation &operation) {
        operation.wait();
        modem.reset();
    });
    while (modem) {
        wait_readable(*modem);
        CHECK(!modem->dispatch().has_value());
    }
}

TEST(lost_port) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const int fd = rig.modem.fd();
    bool lost = false;
    rig.modem.on_state([&](nlftp::State state) { lost = lost || state == nlftp::State::lost; });
    rig.sim.hang_up();
    run_until(rig, [&] { return lost; });
    CHECK(rig.modem.state() == nlftp::State::lost);
    CHECK_THROWS(nlftp::Error, ftp.pwd()) { CHECK(caught.kind() == Status::port); }
    CHECK(rig.modem.fd() == fd);
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
