# The fake hub for benchmarks, in a process of its own. Sourced from the top folder, with $work and $size set.

java25() {
  local candidate
  for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
    if [ -x "$candidate" ] && "$candidate" -version 2>&1 | grep -qE '"(2[5-9]|[3-9][0-9])'; then
      echo "$candidate"
      return
    fi
  done
  echo "$0: no JDK 25 or newer found; set JAVA_HOME" >&2
  exit 1
}
java="$(java25)"
./mvnw -q -B test-compile dependency:build-classpath \
  -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=runtime >/dev/null
classpath="target/test-classes:target/classes:$(cat "$work/classpath")"

start() { # SIZE LATENCY: the fake, as long as descriptor 3 is open
  rm -rf "$work/in" "$work/out" "$work/home"
  mkfifo "$work/in"
  "$java" -cp "$classpath" athanor.testkit.web.FakeHubMain "$1" "$2" <"$work/in" >"$work/out" &
  fake=$!
  exec 3>"$work/in"
  until grep -q '^ready' "$work/out"; do
    kill -0 "$fake"
    sleep 0.1
  done
  HF_ENDPOINT="$(value HF_ENDPOINT)"
  CIVITAI_ENDPOINT="$(value CIVITAI_ENDPOINT)"
  export HF_ENDPOINT CIVITAI_ENDPOINT
}
value() { sed -n "s/^$1=//p" "$work/out"; }
tell() { # COMMAND…: see FakeHubCommands; done when this returns
  local before
  before="$(grep -cx done "$work/out" || true)"
  echo "$*" >&3
  until [ "$(grep -cx done "$work/out" || true)" -gt "$before" ]; do
    kill -0 "$fake"
    sleep 0.02
  done
}
stop() {
  exec 3>&-
  wait "$fake" || true
}
trap 'exec 3>&-' EXIT

now() { date +%s.%N; }
rate() { # FROM TO: megabytes a second
  awk -v a="$1" -v b="$2" -v n="$size" 'BEGIN { printf "%.0f", n / (b - a) / 1e6 }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
