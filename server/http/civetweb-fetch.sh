#!/bin/sh
# Brings the source of CivetWeb: the distribution's own source package with its security patches,
# unpacked into FOLDER/src. The packaged library itself cannot serve TLS with OpenSSL 3.
#
#   civetweb-fetch.sh FOLDER
#
# It comes through the ordinary package client with a private configuration and list folder inside
# FOLDER, so that the system's own stay as they are. The hashes of what comes are checked by the
# client against the archive's signed index. Newer suites come first, since they hold 1.16 with its
# patches; a suite whose package is incomplete is passed over. Its three files are kept in
# ${XDG_CACHE_HOME:-~/.cache}/koppel/civetweb with a list of their SHA-256 sums, so that a second
# clone on the same machine needs no network.
set -eu
folder=${1:?usage: civetweb-fetch.sh FOLDER}
suites='forky sid trixie-updates trixie bookworm'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/koppel/civetweb

fail() {
    echo "civetweb-fetch: $1" >&2
    exit 1
}

# Unpacks the kept files when every one of them still has its recorded sum.
unpack_kept() {
    [ -f "$cache/SHA256SUMS" ] || return 1
    (cd "$cache" && sha256sum --check --status --strict SHA256SUMS) || return 1
    rm -rf "$folder/src"
    dpkg-source --no-copy --extract "$(ls "$cache"/*.dsc)" "$folder/src" \
        >"$folder/unpack.log" 2>&1 || return 1
    [ -f "$folder/src/src/civetweb.c" ]
}

# The machine's own mirror, else the archive's usual address.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's|^\(https\{0,1\}://.*/debian\)/\{0,1\}$|\1|p' | head -n 1
}

write_configuration() { # write_configuration SUITE
    rm -rf "$folder/apt"
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/apt/parts" \
        "$folder/apt/files"
    echo "deb-src [signed-by=$keyring] $archive $1 main" >"$folder/apt/sources.list"
    # How this machine reaches the network (proxies, certificates, clock checks) is taken over.
    apt-config dump 2>/dev/null | grep -E '^Acquire::(https?|Check-)[^ ]* "' \
        >"$folder/apt/apt.conf" || true
    cat >>"$folder/apt/apt.conf" <<CONFIGURATION
Dir::Etc::main "$folder/apt/none";
Dir::Etc::parts "$folder/apt/parts";
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "$folder/apt/parts";
Dir::Etc::preferences "$folder/apt/none";
Dir::Etc::preferencesparts "$folder/apt/parts";
Dir::State "$folder/apt";
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt";
Dir::Cache::archives "$folder/apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
CONFIGURATION
}

fetch() { # fetch SUITE: leaves the package's files in apt/files
    write_configuration "$1"
    APT_CONFIG=$folder/apt/apt.conf
    export APT_CONFIG
    apt-get update -q && (cd "$folder/apt/files" && apt-get source -q --download-only civetweb)
}

keep() {
    mkdir -p "$cache.$$"
    rm -f "$cache.$$"/*
    cp "$folder"/apt/files/civetweb_* "$cache.$$/"
    (cd "$cache.$$" && sha256sum civetweb_* >SHA256SUMS)
    rm -rf "$cache"
    mv "$cache.$$" "$cache"
}

command -v dpkg-source >/dev/null 2>&1 || fail "dpkg-source is missing: run .ci/install build"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if unpack_kept; then
    exit 0
fi
[ -f "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
archive=$(mirror)
archive=${archive:-http://deb.debian.org/debian}
for suite in $suites; do
    echo "Fetching CivetWeb's source from $archive $suite"
    if (fetch "$suite") >"$folder/fetch-$suite.log" 2>&1; then
        keep
        unpack_kept || fail "the package does not unpack: see $folder/unpack.log"
        rm -rf "$folder/apt"
        exit 0
    fi
done
rm -rf "$folder/apt"
fail "no suite of $archive gave the source package: see $folder/fetch-*.log, check the network"
