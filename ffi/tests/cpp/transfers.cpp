// Files up and down, from and to everything that Source and Sink can be.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <sstream>
#include <vector>

#include "rig.hpp"

using namespace std::chrono_literals;

TEST(by_path) {
    Rig rig;
    const Folder folder;
    const std::string data = make_data(20'000);
    write_file(folder / "up", data);
    nlftp::Ftp ftp = rig.connect();

    const nlftp::Transfer up = ftp.put_file(folder / "up", "file.bin");
    CHECK(up.bytes == data.size());
    CHECK(up.verified == nlftp::Verified::size);
    CHECK(up.via != nlftp::Via::automatic);
    CHECK(up.duration >= 0ms);
    CHECK(up.resumed_from == 0);
    CHECK(up.warnings.empty());
    CHECK(read_file(rig.sim.root() / "file.bin") == data);

    const nlftp::Transfer down = ftp.get_file("file.bin", folder / "down");
    CHECK(down.bytes == data.size());
    CHECK(read_file(folder / "down") == data);

    CHECK(ftp.put(nlftp::Source::file(folder / "down"), "again.bin").bytes == data.size());
    CHECK(ftp.get("again.bin", nlftp::Sink::file(folder / "again")).bytes == data.size());
    CHECK(read_file(folder / "again") == data);
}

TEST(by_stream) {
    Rig rig;
    const Folder folder;
    const std::string data = make_data(20'000, 2);
    write_file(folder / "up", data);
    nlftp::Ftp ftp = rig.connect();

    std::ifstream in(folder / "up", std::ios::binary);
    CHECK(ftp.put(in, "file.bin").bytes == data.size());
    CHECK(read_file(rig.sim.root() / "file.bin") == data);

    // From where it stands, and a stream that throws at its end has no failure there.
    std::istringstream rest("skip" + data);
    rest.exceptions(std::ios::badbit | std::ios::failbit | std::ios::eofbit);
    rest.seekg(4);
    std::optional<std::uint64_t> total;
    nlftp::PutOptions options;
    options.set_progress([&](const nlftp::Progress &progress) { total = progress.total; });
    CHECK(ftp.put(rest, "rest.bin", options).bytes == data.size());
    CHECK(total == data.size());
    CHECK(read_file(rig.sim.root() / "rest.bin") == data);

    std::ostringstream out;
    CHECK(ftp.get("file.bin", out).bytes == data.size());
    CHECK(out.str() == data);

    std::ofstream file(folder / "down", std::ios::binary);
    CHECK(ftp.get("file.bin", file).bytes == data.size());
    CHECK(read_file(folder / "down") == data); // before the stream is closed: it was flushed
}

TEST(streams_that_fail) {
    Rig rig;
    const Folder folder;
    nlftp::Ftp ftp = rig.connect();
    // A file that is not there is no empty upload.
    std::ifstream missing(folder / "missing");
    CHECK_THROWS(nlftp::Error, ftp.put(missing, "missing.bin")) {
        CHECK(caught.kind() == nlftp::Status::local_file);
    }
    // A disk that is full.
    ftp.put(nlftp::Source::memory(make_data(9000)), "file.bin");
    std::ofstream full("/dev/full");
    CHECK_THROWS(nlftp::Error, ftp.get("file.bin", full)) {
        CHECK(caught.kind() == nlftp::Status::local_file);
    }
    // A stream that throws: what it threw arrives.
    std::ofstream throwing("/dev/full");
    throwing.exceptions(std::ios::badbit | std::ios::failbit);
    CHECK_THROWS(std::ios_base::failure, ftp.get("file.bin", throwing)) {
        CHECK(caught.what() != nullptr);
    }
    CHECK(ftp.pwd() == "/");
}

TEST(unplugged_and_waited_for) {
    const Folder folder;
    nlftp::sim::Options plug;
    plug.set("link", (folder / "port").string());
    std::optional<nlftp::sim::VirtualModem> sim(start_sim(plug));
    nlftp::Modem modem(nlftp::Config(folder / "port").set_port_timeout(std::chrono::minutes(10)));
    modem.open();
    nlftp::Ftp ftp = modem.ftp(nlftp::Login("ftp.example.com", sim->user(), sim->password()));
    const std::string data = make_data(400'000, 4);
    bool pulled = false;
    nlftp::TransferOptions options;
    options.set_retry(3, std::chrono::milliseconds(1), std::chrono::minutes(10))
        .set_progress([&](const nlftp::Progress &progress) {
            if (progress.done > 100'000 && !pulled) {
                pulled = true;
                sim.reset();
                sim.emplace(start_sim(plug));
            }
        });
    CHECK(ftp.put(nlftp::Source::memory(data), "file", options).bytes == data.size());
    CHECK(pulled);
    CHECK(read_file(sim->root() / "file") == data);
    CHECK_THROWS(nlftp::Error, ftp.put(nlftp::Source::memory(data), "file", options.set_retry(1, {}))) {
        CHECK(caught.kind() == nlftp::Status::invalid_argument);
    }
}

TEST(by_memory) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(12'345, 3);

    CHECK(ftp.put(nlftp::Source::memory(data.data(), data.size()), "pointer").bytes == data.size());
    CHECK(ftp.put(nlftp::Source::memory(data), "string").bytes == data.size());
    CHECK(ftp.put(nlftp::Source::memory(std::string(data)), "temporary").bytes == data.size());
    const auto *first = reinterpret_cast<const std::byte *>(data.data());
    const std::vector<std::byte> octets(first, first + data.size());
    CHECK(ftp.put(nlftp::Source::memory(octets), "octets").bytes == data.size());
    CHECK(ftp.put(nlftp::Source::memory(std::vector<std::byte>(octets)), "moved").bytes == data.size());
    CHECK(ftp.put(nlftp::Source::memory("literal"), "literal").bytes == 7);
    CHECK(ftp.put(nlftp::Source::memory(nullptr, 0), "empty").bytes == 0);
    for (const char *name : {"pointer", "string", "temporary", "octets", "moved"}) {
        CHECK(read_file(rig.sim.root() / name) == data);
    }
    CHECK(read_file(rig.sim.root() / "literal") == "literal");
    CHECK(read_file(rig.sim.root() / "empty").empty());

    std::string text = "before ";
    CHECK(ftp.get("literal", text).bytes == 7);
    CHECK(text == "before literal");
    std::vector<std::byte> bytes;
    CHECK(ftp.get("string", bytes).bytes == data.size());
    CHECK(bytes == octets);
    std::string buffer(data.size() + 10, '?');
    CHECK(ftp.get("string", nlftp::Sink::memory(buffer.data(), buffer.size())).bytes == data.size());
    CHECK(buffer == data + std::string(10, '?'));
    CHECK_THROWS(nlftp::Error, ftp.get("string", nlftp::Sink::memory(buffer.data(), 10))) {
        CHECK(caught.kind() == nlftp::Status::transfer);
    }
    CHECK(ftp.pwd() == "/");
}

TEST(by_descriptor) {
    Rig rig;
    const Folder folder;
    const std::string data = make_data(7000, 4);
    write_file(folder / "up", data);
    nlftp::Ftp ftp = rig.connect();
    const int in = open((folder / "up").c_str(), O_RDONLY);
    CHECK(ftp.put(nlftp::Source::fd(in), "file.bin").bytes == data.size());
    CHECK(close(in) == 0);
    const int out = open((folder / "down").c_str(), O_WRONLY | O_CREAT, 0600);
    CHECK(ftp.get("file.bin", nlftp::Sink::fd(out)).bytes == data.size());
    CHECK(close(out) == 0);
    CHECK(read_file(folder / "down") == data);
}

TEST(by_lambda) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(30'000, 5);

    // Sources: in pieces, now and then with nothing to give; and one that owns what only moves.
    std::size_t given = 0;
    int pauses = 3;
    const auto read = [&](char *buffer, std::size_t size) -> nlftp::Amount {
        if (given > 10'000 && pauses > 0) {
            --pauses;
            return nlftp::Amount::again();
        }
        const std::size_t count = data.copy(buffer, std::min<std::size_t>(size, 1000), given);
        given += count;
        return count;
    };
    CHECK(ftp.put(read, "pieces").bytes == data.size());
    CHECK(pauses == 0);
    CHECK(read_file(rig.sim.root() / "pieces") == data);

    auto owned = std::make_unique<std::istringstream>(data);
    ftp.put(
        [owned = std::move(owned)](void *buffer, std::size_t size) {
            owned->read(static_cast<char *>(buffer), static_cast<std::streamsize>(size));
            return static_cast<std::size_t>(owned->gcount());
        },
        "owned");
    CHECK(read_file(rig.sim.root() / "owned") == data);

    // Sinks: each answer that one may give.
    std::string nothing, yes, amount;
    ftp.get("pieces", [&](const char *octets, std::size_t size) { nothing.append(octets, size); });
    ftp.get("pieces", [&](const char *octets, std::size_t size) {
        yes.append(octets, size);
        return true;
    });
    bool room = false;
    ftp.get("pieces", [&](const char *octets, std::size_t size) -> nlftp::Amount {
        room = !room;
        if (!room) {
            return nlftp::Amount::again();
        }
        const std::size_t count = std::min<std::size_t>(size, 4000);
        amount.append(octets, count);
        return count;
    });
    CHECK(nothing == data);
    CHECK(yes == data);
    CHECK(amount == data);
    CHECK_THROWS(nlftp::Error, ftp.get("pieces", [](const char *, std::size_t) { return false; })) {
        CHECK(caught.kind() == nlftp::Status::local_file);
    }
    CHECK_THROWS(nlftp::Error, ftp.put([](char *, std::size_t size) { return size + 1; }, "liar")) {
        CHECK(caught.kind() == nlftp::Status::invalid_argument);
    }
    CHECK_THROWS(nlftp::Error, ftp.put([](char *, std::size_t) { return nlftp::Amount::cancelled(); }, "no")) {
        CHECK(caught.kind() == nlftp::Status::cancelled);
    }
    CHECK(ftp.pwd() == "/");
}

TEST(options) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(6000, 6);

    std::uint64_t last = 0;
    nlftp::PutOptions put;
    put.set_via(nlftp::Via::block).set_verify(nlftp::Verify::readback).set_deadline(60s);
    put.set_progress([&](const nlftp::Progress &progress) {
        CHECK(progress.done >= last);
        CHECK(progress.total == data.size());
        CHECK(progress.rate >= 0);
        last = progress.done;
    });
    const nlftp::Transfer up = ftp.put(nlftp::Source::memory(data), "file.bin", put);
    CHECK(up.via == nlftp::Via::block);
    CHECK(up.verified == nlftp::Verified::readback);
    CHECK(last == data.size());

    nlftp::GetOptions get;
    get.set_via(nlftp::Via::stream).set_offset(1000).set_verify(nlftp::Verify::none);
    std::string part;
    const nlftp::Transfer down = ftp.get("file.bin", part, get);
    CHECK(down.via == nlftp::Via::stream);
    CHECK(down.verified == nlftp::Verified::no);
    CHECK(part == data.substr(1000));

    std::error_code error;
    get.set_deadline(-1ms);
    ftp.get("file.bin", part, get, error);
    CHECK_ERROR(nlftp::Status::invalid_argument, error);
    nlftp::PutOptions ascii;
    ascii.set_type(nlftp::FileType::ascii).set_deadline(std::nullopt);
    CHECK(ftp.put(nlftp::Source::memory("text\r\n"), "text", ascii).verified == nlftp::Verified::no);
}

TEST(resume) {
    Rig rig;
    const Folder folder;
    nlftp::Ftp ftp = rig.connect();
    const std::string data = make_data(150'000, 7);
    write_file(rig.sim.root() / "file.bin", data.substr(0, 100'000));
    nlftp::PutOptions options;
    options.set_resume(true);
    std::istringstream stream(data);
    const nlftp::Transfer by_stream = ftp.put(stream, "file.bin", options);
    CHECK(by_stream.resumed_from == 100'000);
    CHECK(read_file(rig.sim.root() / "file.bin") == data);

    write_file(rig.sim.root() / "file.bin", data.substr(0, 100'000));
    std::size_t at = 0;
    nlftp::Source source(
        [&](char *buffer, std::size_t size) {
            const std::size_t count = data.copy(buffer, size, at);
            at += count;
            return count;
        },
        [&](std::uint64_t offset) {
            at = static_cast<std::size_t>(offset);
            return at <= data.size();
        },
        data.size());
    CHECK(ftp.put(std::move(source), "file.bin", options).resumed_from == 100'000);
    CHECK(read_file(rig.sim.root() / "file.bin") == data);
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
