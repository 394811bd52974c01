// Who lives how long: moves, ends in every order, and ends inside of callbacks.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <string>
#include <type_traits>
#include <vector>

#include "rig.hpp"

using namespace std::chrono_literals;
using nlftp::Status;

template <class Type>
constexpr bool only_moves = std::is_nothrow_move_constructible_v<Type> && std::is_nothrow_move_assignable_v<Type> &&
                            !std::is_copy_constructible_v<Type> && !std::is_copy_assignable_v<Type>;

static_assert(only_moves<nlftp::Config>);
static_assert(only_moves<nlftp::Login>);
static_assert(only_moves<nlftp::Modem>);
static_assert(only_moves<nlftp::Ftp>);
static_assert(only_moves<nlftp::Operation>);
static_assert(only_moves<nlftp::Entries>);
static_assert(only_moves<nlftp::sim::VirtualModem>);
static_assert(std::is_copy_constructible_v<nlftp::TransferOptions>);
static_assert(std::is_nothrow_copy_constructible_v<nlftp::Error>);

// Every verb's overload with an error code promises not to throw.
static_assert(noexcept(std::declval<nlftp::Ftp &>().cwd(std::string_view(), std::declval<std::error_code &>())));
static_assert(noexcept(std::declval<nlftp::Modem &>().dispatch(std::declval<std::error_code &>())));
static_assert(noexcept(std::declval<nlftp::Operation &>().wait(std::declval<std::error_code &>())));

TEST(moved_from) {
    nlftp::Config config("/dev/null");
    const nlftp::Config other = std::move(config);
    std::error_code error;
    config.set_baud_rate(9600, error);
    CHECK_ERROR(Status::invalid_argument, error);
    CHECK(!nlftp::last_error().sentence.empty());
    CHECK_THROWS(nlftp::Error, nlftp::Modem modem(config)) { CHECK(caught.kind() == Status::invalid_argument); }
    config = nlftp::Config("/dev/null");
    config.set_baud_rate(9600);

    nlftp::Login login("host", "user", "password");
    const nlftp::Login taken = std::move(login);
    nlftp::Modem modem(other);
    CHECK_THROWS(nlftp::Error, modem.ftp(login)) { CHECK(caught.kind() == Status::invalid_argument); }

    nlftp::Modem moved = std::move(modem);
    CHECK(modem.native_handle() == nullptr);
    CHECK_THROWS(nlftp::Error, modem.open()) { CHECK(caught.kind() == Status::closed); }
    CHECK_THROWS(nlftp::Error, modem.fd()) { CHECK(caught.kind() == Status::closed); }
    CHECK_THROWS(nlftp::Error, modem.dispatch()) { CHECK(caught.kind() == Status::closed); }
    CHECK_THROWS(nlftp::Error, modem.connection().pwd()) { CHECK(caught.kind() == Status::closed); }
    modem.cancel(); // nothing to cancel
    CHECK(moved.state() == nlftp::State::closed);

    nlftp::Operation none;
    CHECK(!none);
    CHECK(!none.done());
    CHECK(none.status() == Status::invalid_argument);
    CHECK_THROWS(nlftp::Error, none.wait()) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, none.transfer()) { CHECK(caught.kind() == Status::invalid_argument); }
    none.cancel();
    none.resume();
    none.set_user_data(&none);
    CHECK(none.user_data() == nullptr);
}

TEST(operations_move) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    nlftp::Operation first = ftp.start_pwd();
    int mark = 0;
    first.set_user_data(&mark);
    nlftp::Operation second = std::move(first);
    CHECK(!first);
    second.wait();
    CHECK(second.text() == "/");
    CHECK(second.user_data() == &mark);
    CHECK(second.status() == Status::ok);
    second = ftp.start_noop(); // ends the former one
    CHECK(second.wait(60s));
    CHECK_THROWS(nlftp::Error, second.transfer()) { CHECK(caught.kind() == Status::invalid_argument); }
    nlftp::Operation &same = second;
    second = std::move(same);
    CHECK(second);
}

// A source that has nothing to give until it is told to end; it says when it was asked first.
struct Faucet {
    std::atomic<bool> asked{false};
    std::atomic<bool> ends{false};

    auto reader() {
        return [this](char *, std::size_t) -> nlftp::Amount {
            asked = true;
            return ends ? nlftp::Amount(0) : nlftp::Amount::again();
        };
    }
};

TEST(modem_goes_first) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    Faucet faucet;
    nlftp::Operation operation = ftp.start_put(faucet.reader(), "file");
    { const nlftp::Modem gone = std::move(rig.modem); }
    std::error_code error;
    operation.wait(error);
    CHECK(error == Status::cancelled || error == Status::closed);
    ftp.pwd(error);
    CHECK_ERROR(Status::closed, error);
    CHECK_THROWS(nlftp::Error, ftp.start_noop()) { CHECK(caught.code() == std::errc::bad_file_descriptor); }
    CHECK_THROWS(nlftp::Error, ftp.entries()) { CHECK(caught.kind() == Status::closed); }
    CHECK_THROWS(nlftp::Error, ftp.on_info(nullptr)) { CHECK(caught.kind() == Status::closed); }
}

TEST(operation_goes_while_it_runs) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watch = held;
    nlftp::Operation operation = ftp.start_put(
        [held = std::move(held)](char *, std::size_t) {
            ++*held;
            return nlftp::Amount::again();
        },
        "file");
    CHECK(!operation.wait(1ms));
    CHECK(operation.status() == Status::pending);
    CHECK(!watch.expired());
    operation = nlftp::Operation();
    CHECK(watch.expired());
    CHECK(ftp.pwd() == "/");
    CHECK(!std::filesystem::exists(rig.sim.root() / "file"));
}

TEST(callback_ends_its_own_operation) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::optional<nlftp::Operation> operation;
    int calls = 0;
    const std::string data = make_data(50'000);
    nlftp::Source source([&, mark = std::make_unique<int>(7)](char *buffer, std::size_t size) -> std::size_t {
        ++calls;
        operation.reset();
        CHECK(*mark == 7); // the callback itself is still there
        return data.copy(buffer, size);
    });
    operation = ftp.start_put(std::move(source), "file");
    std::error_code error;
    operation->wait(error);
    CHECK(static_cast<bool>(error));
    CHECK(!operation.has_value());
    CHECK(calls == 1);
    CHECK(ftp.pwd() == "/");

    // The same inside of dispatch, where nobody else holds the operation.
    calls = 0;
    nlftp::Source again([&](char *, std::size_t) -> nlftp::Amount {
        ++calls;
        operation.reset();
        return nlftp::Amount::again();
    });
    operation = ftp.start_put(std::move(again), "file");
    while (calls == 0) {
        wait_readable(rig.modem);
        CHECK(!rig.modem.dispatch().has_value());
    }
    CHECK(calls == 1);
    CHECK(!operation.has_value());
    CHECK(ftp.pwd() == "/");
}

TEST(callback_ends_its_modem) {
    Rig rig;
    std::optional<nlftp::Modem> modem = std::move(rig.modem);
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watch = held;
    modem->on_state([&modem, held = std::move(held)](nlftp::State) {
        ++*held;
        modem.reset();
        CHECK(*held == 1);
    });
    std::error_code error;
    modem->open(error);
    CHECK(!modem.has_value());
    CHECK(watch.expired());

    // In a progress callback, of an operation that was given away.
    modem = make_modem(rig.sim.port());
    modem->open();
    nlftp::Ftp ftp = modem->ftp(rig.login());
    bool completed = false;
    nlftp::PutOptions options;
    options.set_progress([&](const nlftp::Progress &) { modem.reset(); });
    ftp.start_put(nlftp::Source::memory(make_data(50'000)), "file", options).then([&](nlftp::Operation &) {
        completed = true;
    });
    while (modem) {
        wait_readable(*modem);
        modem->dispatch(error);
    }
    CHECK(!completed);
    CHECK_THROWS(nlftp::Error, ftp.noop()) { CHECK(caught.kind() == Status::closed); }
}

TEST(log_ends_its_modem) {
    Rig rig;
    rig.connect();
    std::optional<nlftp::Modem> modem = std::move(rig.modem);
    std::optional<nlftp::Operation> operation = modem->connection().start_noop();
    operation->wait();
    const std::thread::id here = std::this_thread::get_id();
    std::atomic<bool> armed{true}, gone{false};
    nlftp::set_log(nlftp::LogLevel::trace, [&](nlftp::LogLevel, std::string_view) {
        // On a thread of the library's, which makes no calls.
        if (std::this_thread::get_id() != here && armed.exchange(false)) {
            operation.reset();
            modem.reset();
            gone = true;
        }
    });
    while (!gone) {
        // The traffic is logged from the worker's next turn on.
        rig.sim.send_urc("+LOG: 1");
        std::this_thread::sleep_for(1ms);
    }
    nlftp::set_log(nlftp::LogLevel::off, nullptr);
    // The next call, of whichever Modem, frees both, so that their port can be opened.
    nlftp::Modem other = make_modem(rig.sim.port());
    other.open();
    CHECK(other.state() == nlftp::State::ready);
}

TEST(callback_replaces_itself) {
    Rig rig;
    rig.modem.open();
    std::string first, second;
    rig.modem.on_urc([&, kept = std::string("kept")](std::string_view line) {
        rig.modem.on_urc([&](std::string_view later) { second = later; });
        CHECK(kept == "kept");
        first = line;
    });
    rig.sim.send_urc("+ONE: 1");
    while (first.empty()) {
        wait_readable(rig.modem);
        rig.modem.dispatch();
    }
    CHECK(first == "+ONE: 1");
    CHECK(second.empty());
    rig.sim.send_urc("+TWO: 2");
    while (second.empty()) {
        wait_readable(rig.modem);
        rig.modem.dispatch();
    }
    CHECK(second == "+TWO: 2");
    CHECK(first == "+ONE: 1");
    rig.modem.on_urc(nullptr);
}

TEST(calls_in_callbacks) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    nlftp::Operation started;
    const std::size_t before = rig.sim.command_count();
    nlftp::PutOptions options;
    options.set_progress([&](const nlftp::Progress &) {
        if (started) {
            return;
        }
        std::error_code error;
        ftp.delete_file("kept", error);
        CHECK_ERROR(Status::would_deadlock, error);
        CHECK_THROWS(nlftp::Error, ftp.noop()) {
            CHECK(caught.kind() == Status::would_deadlock);
            CHECK(caught.code() == std::errc::resource_deadlock_would_occur);
        }
        ftp.entries({}, error).next(error);
        CHECK_ERROR(Status::would_deadlock, error);
        CHECK(!rig.modem.dispatch().has_value());
        started = ftp.start_mkd("made");
        started.wait(error);
        CHECK_ERROR(Status::would_deadlock, error);
    });
    write_file(rig.sim.root() / "kept", "x");
    ftp.put(nlftp::Source::memory(make_data(5000)), "file", options);
    started.wait();
    CHECK(std::filesystem::is_directory(rig.sim.root() / "made"));
    CHECK(std::filesystem::exists(rig.sim.root() / "kept"));
    for (std::size_t index = before; index < rig.sim.command_count(); ++index) {
        CHECK(rig.sim.command(index).value_or("").find("FTPDELE") == std::string::npos);
    }
}

TEST(cancel_from_a_thread) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    for (const bool whole_modem : {false, true}) {
        Faucet faucet;
        nlftp::Operation operation = ftp.start_put(faucet.reader(), "file");
        std::thread thread([&] {
            while (!faucet.asked) {
                std::this_thread::sleep_for(1ms);
            }
            whole_modem ? rig.modem.cancel() : operation.cancel();
        });
        std::error_code error;
        operation.wait(error);
        thread.join();
        CHECK_ERROR(Status::cancelled, error);
        CHECK_ERROR(std::errc::operation_canceled, error);
        CHECK(ftp.pwd() == "/");
    }
}

TEST(resume_from_a_thread) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    Faucet faucet;
    nlftp::Operation operation = ftp.start_put(faucet.reader(), "file");
    std::thread thread([&] {
        while (!faucet.asked) {
            std::this_thread::sleep_for(1ms);
        }
        faucet.ends = true;
        operation.resume();
    });
    operation.wait();
    thread.join();
    CHECK(operation.transfer().bytes == 0);
}

TEST(calls_of_several_threads) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&ftp, number] {
            const std::string name = "file-" + std::to_string(number);
            const std::string data = make_data(3000, static_cast<std::uint32_t>(number));
            std::string back;
            ftp.put(nlftp::Source::memory(data), name);
            ftp.get(name, back);
            CHECK(back == data);
        });
    }
    // Dispatch beside them hands out nothing: their operations are not the user's.
    for (std::thread &thread : threads) {
        CHECK(!rig.modem.dispatch().has_value());
        thread.join();
    }
    CHECK(!rig.modem.dispatch().has_value());
    CHECK(ftp.list().size() == 4);
}

TEST(forked_child) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    Faucet faucet;
    nlftp::Operation operation = ftp.start_put(faucet.reader(), "file");
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        std::error_code error;
        ftp.pwd(error);
        const bool closed = error == Status::closed && nlftp::last_error().status == Status::closed;
        const bool started = static_cast<bool>(ftp.start_noop(error));
        const bool waited = operation.wait(1ms, error);
        operation = nlftp::Operation();
        { const nlftp::Modem copy = std::move(rig.modem); }
        _exit(closed && !started && waited && error == Status::closed ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    faucet.ends = true;
    operation.wait();
    CHECK(ftp.pwd() == "/");
}

TEST(ends_with_the_program) {
    // Destroyed after main and after this thread's own variables, with an operation that still runs.
    static Rig rig;
    static nlftp::Ftp ftp = rig.connect();
    static Faucet faucet;
    static nlftp::Operation operation = ftp.start_put(faucet.reader(), "file");
    CHECK(!operation.wait(1ms));
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
