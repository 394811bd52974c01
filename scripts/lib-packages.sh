# Packages that are unpacked into a folder instead of installed. Sourced by scripts/fetch-servers and
# scripts/fetch-tools.
# shellcheck shell=bash

# The folder, what happened there, and what went wrong last: the line on what is skipped says why.
folder=
log=
reason=

apt_options=()
if [ "$(id -u)" = 0 ]; then
    # Otherwise apt downloads as a user who may not write into our folder.
    apt_options=(-o APT::Sandbox::User=root)
fi
updated=no

# Everything is kept below this folder. Two runs at once would unpack over each other: the second waits.
use_folder() { # FOLDER
    mkdir -p "$1/packages"
    folder=$(cd "$1" && pwd)
    log=$folder/fetch.log
    if command -v flock >/dev/null; then
        exec 9>"$folder/lock"
        flock 9
    fi
    : >"$log"
}

is_debian() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        reason="this is no Debian system, apt-get or dpkg is missing"
        return 1
    fi
}

# Package lists are refreshed once, and only if something fails with those at hand. Without being
# root they go into a folder of ours.
update_lists() {
    [ "$updated" = no ] || return 1
    updated=yes
    if [ "$(id -u)" != 0 ]; then
        mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
        apt_options=(-o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache")
    fi
    apt-get "${apt_options[@]}" update >>"$log" 2>&1
}

download() { # PACKAGE: prints the path of its file
    local package=$1 kept
    kept=$folder/packages/$package
    mkdir -p "$kept"
    if ! compgen -G "$kept/*.deb" >/dev/null; then
        (cd "$kept" && apt-get "${apt_options[@]}" download "$package") >>"$log" 2>&1 || return 1
    fi
    compgen -G "$kept/*.deb" | head -n 1
}

unpack() { # PACKAGE FOLDER
    local file
    if ! file=$(download "$1"); then
        update_lists || true
        if ! file=$(download "$1"); then
            reason="package $1 could not be downloaded, see $log"
            return 1
        fi
    fi
    mkdir -p "$2"
    if ! dpkg -x "$file" "$2" >>"$log" 2>&1; then
        # A download that was cut off would fail for ever.
        rm -f "$file"
        reason="package $1 could not be unpacked, see $log"
        return 1
    fi
}

# The path for LD_LIBRARY_PATH: every folder below this one that holds a shared library.
library_path() { # FOLDER
    find "$1" -name '*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd: -
}
