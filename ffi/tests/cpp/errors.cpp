// Exceptions with their details, error codes, and what callbacks throw.
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "rig.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using nlftp::Status;

TEST(codes_compare) {
    static_assert(std::is_error_code_enum_v<Status>);
    std::error_code error = Status::timeout;
    CHECK(error == Status::timeout);
    CHECK(error != Status::refused);
    CHECK(error == std::errc::timed_out);
    CHECK(error.category() == nlftp::error_category());
    CHECK(error.category().name() == "nlftp"s);
    CHECK(!error.message().empty());
    CHECK(make_error_code(Status::cancelled) == std::errc::operation_canceled);
    CHECK(make_error_code(Status::closed) == std::errc::bad_file_descriptor);
    CHECK(make_error_code(Status::invalid_argument) == std::errc::invalid_argument);
    CHECK(make_error_code(Status::not_connected) == std::errc::not_connected);
    CHECK(make_error_code(Status::busy) == std::errc::device_or_resource_busy);
    CHECK(make_error_code(Status::would_deadlock) == std::errc::resource_deadlock_would_occur);
    CHECK(make_error_code(Status::pending) == std::errc::operation_in_progress);
    CHECK(make_error_code(Status::again) == std::errc::resource_unavailable_try_again);
    CHECK(make_error_code(Status::refused) != std::errc::permission_denied);
    CHECK(!std::error_code(Status::ok));
    CHECK(nlftp::status_name(Status::not_connected) == "not_connected");
    CHECK(nlftp::status_name(Status::callback_failed) == "callback_failed");
    CHECK(make_error_code(Status::callback_failed).message() == "a callback threw an exception");
    CHECK(nlftp::version() == NLFTP_VERSION);
    CHECK(nlftp::code_meaning(nlftp::CodeFamily::cme, 10).has_value());
    CHECK(!nlftp::code_meaning(nlftp::CodeFamily::cme, 4'000'000'000).has_value());
}

TEST(details) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    CHECK_THROWS(nlftp::Error, ftp.cwd("nowhere")) {
        CHECK(caught.kind() == Status::refused);
        CHECK(caught.code() == Status::refused);
        CHECK(caught.text().value_or("").find("+FTPCWD: 0") != std::string::npos);
        CHECK(std::string(caught.what()) == caught.details().sentence);
        CHECK(std::string(caught.what()).size() > 10);
        CHECK(!caught.left_behind());
    }
    // A std::system_error to who knows no more.
    CHECK_THROWS(std::system_error, ftp.delete_file("nothing")) {
        CHECK(caught.code() == Status::refused);
    }
    CHECK_THROWS(nlftp::Error, rig.modem.command("AT+NOSUCH")) {
        CHECK(caught.kind() == Status::command);
        CHECK(caught.text().has_value());
    }
    CHECK_THROWS(nlftp::Error, ftp.put_file("/nonexistent/file", "x")) {
        CHECK(caught.kind() == Status::local_file);
        CHECK(caught.os_error() == ENOENT);
    }
    std::error_code error;
    ftp.cwd("nowhere", error);
    CHECK_ERROR(Status::refused, error);
    const nlftp::ErrorDetails details = nlftp::last_error();
    CHECK(details.status == Status::refused);
    CHECK(details.text.value_or("").find("+FTPCWD: 0") != std::string::npos);
    CHECK(ftp.pwd(error) == "/");
    CHECK_NONE(error); // cleared by the call that succeeds
}

TEST(modem_codes) {
    nlftp::sim::Options options;
    options.set("dialect", "error=cme");
    Rig rig(options);
    rig.modem.open();
    CHECK_THROWS(nlftp::Error, rig.modem.command("AT+NOSUCH")) {
        CHECK(caught.modem_code().has_value());
        CHECK(caught.code_family() == nlftp::CodeFamily::cme);
        CHECK(nlftp::code_meaning(*caught.code_family(), *caught.modem_code()).has_value());
    }
}

TEST(transferred) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(50'000);
    CHECK_THROWS(nlftp::Error, ftp.put(nlftp::Source::memory(data), "nowhere/file")) {
        CHECK(caught.kind() == Status::refused);
        CHECK(caught.transferred().has_value());
        CHECK(*caught.transferred() <= data.size());
    }
    // What the callback of a sink gave up says nothing of the server's file.
    write_file(rig.sim.root() / "file", data);
    CHECK_THROWS(nlftp::Error, ftp.get("file", [](const char *, std::size_t) { return false; })) {
        CHECK(caught.kind() == Status::local_file);
        CHECK(!caught.modem_code());
        CHECK(!caught.text());
    }
    CHECK(ftp.pwd() == "/");
}

TEST(nul_octets) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::size_t before = rig.sim.command_count();
    const std::string name("a\0b", 3);
    std::error_code error;
    ftp.cwd(name, error);
    CHECK_ERROR(Status::invalid_argument, error);
    CHECK(nlftp::last_error().status == Status::invalid_argument);
    CHECK(nlftp::last_error().sentence.find("NUL") != std::string::npos);
    CHECK_THROWS(nlftp::Error, ftp.put(nlftp::Source::memory("x"), name)) {
        CHECK(caught.kind() == Status::invalid_argument);
        CHECK(caught.code() == std::errc::invalid_argument);
    }
    CHECK_THROWS(nlftp::Error, ftp.rename("a", name)) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, ftp.put_file(name, "x")) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, ftp.entries(name)) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, rig.modem.command(name)) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, rig.modem.attach("apn", "user", name)) {
        CHECK(caught.kind() == Status::invalid_argument);
    }
    CHECK_THROWS(nlftp::Error, nlftp::Login("host", name, "x")) { CHECK(caught.kind() == Status::invalid_argument); }
    CHECK_THROWS(nlftp::Error, nlftp::Config(std::filesystem::path(name))) {
        CHECK(caught.kind() == Status::invalid_argument);
    }
    CHECK(rig.sim.command_count() == before); // not a byte was sent
    // A text that is part of a longer one ends where it ends.
    const std::string longer = "/directory";
    ftp.mkd(std::string_view(longer).substr(1, 3), error);
    CHECK_NONE(error);
    CHECK(std::filesystem::is_directory(rig.sim.root() / "dir"));
}

TEST(settings_that_are_refused) {
    std::error_code error;
    nlftp::Config config("/dev/null");
    config.set_deadline(-5ms, error);
    CHECK_ERROR(Status::invalid_argument, error);
    config.set_timeout(-5ms, error);
    CHECK_ERROR(Status::invalid_argument, error);
    config.set_deadline(std::nullopt, error).set_baud_rate(9600).set_flow_control(nlftp::FlowControl::rts_cts);
    CHECK_NONE(error);
    config.set_timeout(2s).set_outcome_timeout(1min).set_stall_timeout(500ms).set_deadline(1h).set_trace("/dev/null");
    config.set_trace({}).set_tls_field(nlftp::TlsField::seventh).set_port_field(nlftp::PortField::fifth);
    CHECK_THROWS(nlftp::Error, config.set_timeout(-1s)) { CHECK(caught.kind() == Status::invalid_argument); }
    nlftp::Login login("host", "user", "password");
    login.set_account("account").set_port(2121).set_tls(true).set_passive(false);
    login.set_source_control_port(0).set_source_data_port(0);
    CHECK_THROWS(nlftp::Error, login.set_account(std::string_view("\0", 1))) {
        CHECK(caught.kind() == Status::invalid_argument);
    }
}

struct Thrown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

TEST(sources_that_throw) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const auto source = [](char *, std::size_t) -> std::size_t { throw Thrown("source"); };
    CHECK_THROWS(Thrown, ftp.put(source, "a")) { CHECK(caught.what() == "source"s); }

    std::error_code error;
    ftp.put(source, "a", {}, error);
    CHECK_ERROR(Status::callback_failed, error);
    CHECK(nlftp::last_error().status == Status::callback_failed);
    CHECK_THROWS(Thrown, std::rethrow_exception(nlftp::callback_exception())) { CHECK(caught.what() == "source"s); }

    // It stays with the operation: every way to ask says so.
    nlftp::Operation operation = ftp.start_put(source, "a");
    CHECK_THROWS(Thrown, operation.wait()) { CHECK(caught.what() == "source"s); }
    CHECK_THROWS(Thrown, operation.transfer()) { CHECK(caught.what() == "source"s); }
    CHECK(operation.status() == Status::callback_failed);
    CHECK(operation.done());

    CHECK(!ftp.pwd().empty()); // the connection is as good as before
    CHECK(!std::filesystem::exists(rig.sim.root() / "a"));
}

TEST(seeks_sinks_and_progress_that_throw) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(100'000);
    write_file(rig.sim.root() / "file", data);

    CHECK_THROWS(Thrown, ftp.get("file", [](const char *, std::size_t) { throw Thrown("sink"); })) {
        CHECK(caught.what() == "sink"s);
    }

    nlftp::PutOptions resume;
    resume.set_resume(true);
    nlftp::Source source([](char *, std::size_t) -> std::size_t { return 0; },
                         [](std::uint64_t) -> bool { throw Thrown("seek"); }, 200'000);
    CHECK_THROWS(Thrown, ftp.put(std::move(source), "file", resume)) { CHECK(caught.what() == "seek"s); }

    nlftp::GetOptions options;
    options.set_progress([](const nlftp::Progress &) { throw Thrown("progress"); });
    std::string text;
    CHECK_THROWS(Thrown, ftp.get("file", text, options)) { CHECK(caught.what() == "progress"s); }
    options.set_progress([](const nlftp::Progress &) { throw 42; }); // not a std::exception
    CHECK_THROWS(int, ftp.get("file", text, options)) { CHECK(caught == 42); }
    CHECK(!ftp.pwd().empty());
}

TEST(modem_callbacks_that_throw) {
    Rig rig;
    bool throwing = true;
    rig.modem.on_state([&](nlftp::State state) {
        if (throwing && state == nlftp::State::ready) {
            throw Thrown("state");
        }
    });
    CHECK_THROWS(Thrown, rig.modem.open()) { CHECK(caught.what() == "state"s); }
    // What it interrupted was carried out all the same.
    CHECK(rig.modem.state() == nlftp::State::ready);
    throwing = false;
    nlftp::Ftp ftp = rig.modem.ftp(rig.login());

    int lines = 0;
    ftp.on_info([&](std::string_view) {
        if (++lines == 1) {
            throw Thrown("info");
        }
    });
    std::error_code error;
    ftp.mkd("made", error);
    CHECK_ERROR(Status::callback_failed, error);
    CHECK_THROWS(Thrown, std::rethrow_exception(nlftp::callback_exception())) { CHECK(caught.what() == "info"s); }
    CHECK(std::filesystem::is_directory(rig.sim.root() / "made"));
    ftp.on_info(nullptr);
    ftp.rmd("made");
}

TEST(log_callbacks) {
    static std::atomic<int> lines{0}; // static: a call may still run when the callback has been taken away
    nlftp::set_log(nlftp::LogLevel::trace, [](nlftp::LogLevel level, std::string_view message) {
        CHECK(level != nlftp::LogLevel::off);
        CHECK(!message.empty());
        ++lines;
        throw Thrown("dropped");
    });
    {
        Rig rig;
        rig.connect().noop();
    }
    nlftp::set_log(nlftp::LogLevel::off, nullptr);
    CHECK(lines > 0);
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
