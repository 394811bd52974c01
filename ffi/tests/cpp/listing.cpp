// Directories: all at once, entry by entry, and as text.
#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>
#include <type_traits>

#include "rig.hpp"

TEST(verbs) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    ftp.mkd("d");
    ftp.cwd("d");
    CHECK(ftp.pwd() == "/d");
    ftp.put(nlftp::Source::memory("one"), "one");
    ftp.rename("one", "two");
    CHECK(read_file(rig.sim.root() / "d" / "two") == "one");
    ftp.delete_file("two");
    CHECK(!std::filesystem::exists(rig.sim.root() / "d" / "two"));
    ftp.cdup();
    CHECK(ftp.pwd() == "/");
    ftp.rmd("d");
    CHECK(!std::filesystem::exists(rig.sim.root() / "d"));
    CHECK(!ftp.syst().empty());
    CHECK(!ftp.stat().empty());
    ftp.noop();
    CHECK(ftp.is_connected());
    ftp.close();
    CHECK(!ftp.is_connected());
}

TEST(modem) {
    Rig rig;
    CHECK(rig.modem.state() == nlftp::State::closed);
    CHECK(rig.modem.path() == rig.sim.port());
    rig.modem.open();
    CHECK(rig.modem.state() == nlftp::State::ready);
    const std::vector<std::string> lines = rig.modem.command("AT+CSQ");
    CHECK(lines.size() == 1);
    CHECK(lines[0].find("+CSQ:") == 0);
    CHECK(rig.modem.command("AT").empty());
    CHECK(!rig.modem.attach("CTNET").empty());
    const nlftp::Info info = rig.modem.info();
    CHECK(!info.identification.empty());
    CHECK(info.sim == "READY");
    CHECK(info.registration == 1u);
    CHECK(info.address.has_value());
    CHECK(info.ftp_connected == false);
    CHECK(info.operator_name.has_value());
    CHECK(info.signal.value_or(100) <= 99);
    rig.modem.detach();
    CHECK(!rig.modem.info().address.has_value());
    rig.modem.attach("CTNET");
    rig.modem.set_ftp_limit(20);
    CHECK(rig.got("AT+GTSET=\"FTPLIMIT\""));
    rig.modem.warnings();
    nlftp::Ftp ftp = rig.modem.ftp(rig.login());
    CHECK(rig.modem.state() == nlftp::State::connected);
    CHECK(rig.modem.connection().pwd() == ftp.pwd());
    rig.modem.close();
    CHECK_THROWS(nlftp::Error, rig.modem.state()) { CHECK(caught.kind() == nlftp::Status::closed); }
    CHECK_THROWS(nlftp::Error, rig.modem.open()) { CHECK(caught.kind() == nlftp::Status::closed); }
    CHECK_THROWS(nlftp::Error, rig.modem.dispatch()) { CHECK(caught.kind() == nlftp::Status::closed); }
}

TEST(attach_with_login) {
    nlftp::sim::Options options;
    options.set("detached", "true").set("apn-user", "net").set("apn-password", "key");
    Rig rig(options);
    rig.modem.open();
    CHECK_THROWS(nlftp::Error, rig.modem.attach("CTNET")) { CHECK(!std::string(caught.what()).empty()); }
    CHECK(!rig.modem.attach("CTNET", "net", "key").empty());
}

TEST(list) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    write_file(rig.sim.root() / "file.bin", "12345");
    std::filesystem::create_directory(rig.sim.root() / "folder");
    write_file(rig.sim.root() / "folder" / "inner", "1");

    const nlftp::Listing listing = ftp.list();
    CHECK(listing.size() == 2);
    CHECK(!listing.empty());
    const nlftp::Entry *file = listing.find("file.bin");
    CHECK(file != nullptr);
    CHECK(file->type == nlftp::EntryType::file);
    CHECK(file->size == 5u);
    CHECK(file->modified.has_value());
    CHECK(!file->target.has_value());
    CHECK(file->raw.find("file.bin") != std::string::npos);
    CHECK(listing.find("folder")->type == nlftp::EntryType::directory);
    CHECK(listing.find("absent") == nullptr);
    std::set<std::string> names;
    for (const nlftp::Entry &entry : ftp.list("folder")) {
        names.insert(entry.name);
    }
    CHECK(names == std::set<std::string>{"inner"});
    CHECK(nlftp::Listing().empty());
}

TEST(parse) {
    const nlftp::Listing listing = nlftp::Listing::parse("drwxr-xr-x 2 u g 4096 Jan  1  2026 folder\r\n"
                                                         "lrwxrwxrwx 1 u g 6 Jan  1  2026 link -> target\r\n"
                                                         "-rw-r--r-- 1 u g 77 Jan  1  2026 name with blanks\r\n");
    CHECK(listing.size() == 3);
    CHECK(listing[0].name == "folder");
    CHECK(listing[1].type == nlftp::EntryType::link);
    CHECK(listing[1].target == "target");
    CHECK(listing[2].name == "name with blanks");
    CHECK(listing[2].size == 77u);
    CHECK(nlftp::Listing::parse("").empty());
    CHECK(nlftp::Listing::parse({}).empty());
}

TEST(entries) {
    using Iterator = nlftp::Entries::iterator;
    static_assert(std::is_same_v<std::iterator_traits<Iterator>::iterator_category, std::input_iterator_tag>);
#if __cplusplus >= 202002L
    static_assert(std::input_iterator<Iterator>);
#endif
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::filesystem::create_directory(rig.sim.root() / "many");
    std::set<std::string> made;
    for (int index = 0; index < 500; ++index) {
        const std::string name = "file-" + std::to_string(index);
        write_file(rig.sim.root() / "many" / name, name);
        made.insert(name);
    }
    std::set<std::string> names;
    for (const nlftp::Entry &entry : ftp.entries("many")) {
        CHECK(entry.size == entry.name.size());
        names.insert(entry.name);
    }
    CHECK(names == made);

    // With an algorithm, by hand, and given up early.
    nlftp::Entries again = ftp.entries("many");
    CHECK(std::count_if(again.begin(), again.end(), [](const nlftp::Entry &) { return true; }) == 500);
    CHECK(!again.next().has_value());
    nlftp::Entries some = ftp.entries("many");
    const std::optional<nlftp::Entry> first = some.next();
    CHECK(first.has_value());
    nlftp::Entries moved = std::move(some);
    std::error_code error;
    CHECK(!some.next(error).has_value());
    CHECK_ERROR(nlftp::Status::invalid_argument, error);
    CHECK(moved.next(error).has_value());
    CHECK_NONE(error);
    moved = nlftp::Entries();
    ftp.cwd("many");
    CHECK(ftp.entries().next().has_value());
    CHECK_THROWS(nlftp::Error, ftp.entries("nowhere").next()) { CHECK(caught.kind() == nlftp::Status::refused); }
    CHECK(ftp.pwd() == "/many");
}

TEST(no_entry_is_lost_to_an_exception) {
    Rig rig;
    nlftp::Ftp ftp = rig.connect();
    std::set<std::string> made;
    for (int index = 0; index < 20; ++index) {
        const std::string name = "file-" + std::to_string(index);
        write_file(rig.sim.root() / name, "");
        made.insert(name);
    }
    int lines = 0;
    rig.modem.on_urc([&](std::string_view) {
        ++lines;
        throw std::runtime_error("mine");
    });
    // A line that waits when the first entry is asked for: its callback runs in that call.
    wait_readable(rig.modem);
    rig.modem.dispatch();
    rig.sim.send_urc("+ONE: 1");
    wait_readable(rig.modem);
    nlftp::Entries entries = ftp.entries();
    std::set<std::string> names;
    int thrown = 0;
    for (bool more = true; more;) {
        try {
            const std::optional<nlftp::Entry> entry = entries.next();
            more = entry.has_value();
            if (more) {
                CHECK(names.insert(entry->name).second);
            }
        } catch (const std::runtime_error &mine) {
            CHECK(mine.what() == std::string("mine"));
            ++thrown;
        }
    }
    CHECK(lines == 1);
    CHECK(thrown == 1);
    CHECK(names == made);
}

int main(int argc, char **argv) {
    return run_tests(argc, argv);
}
