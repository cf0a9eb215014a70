#!/usr/bin/env bash
# Installs what the end-to-end suite runs against: redis-server, rabbitmq-server, chromium (Debian packages), Celery (a
# virtual environment), Jaeger and an OpenTelemetry Collector (built with Go). Everything that is not a system package goes
# to one cache folder outside the repository and is built once; running this again is cheap.
#
#   TASKVIGIL_TOOLS   the cache folder, default ~/.cache/taskvigil
set -euo pipefail

tools=${TASKVIGIL_TOOLS:-$HOME/.cache/taskvigil}
mkdir -p "$tools/bin"

celery_version=5.6.3
jaeger_version=v1.76.0
collector_version=v0.159.0

say() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*"; }

install_packages() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v rabbitmq-server >/dev/null || [ -x /usr/sbin/rabbitmq-server ] || missing+=(rabbitmq-server)
  command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core fonts-noto-color-emoji)
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  # A package must not start a server of its own: the suite starts its own ones, on ports of its own.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_celery() {
  local venv="$tools/celery-$celery_version"
  [ -e "$venv/complete" ] && return
  say "installing celery $celery_version"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q "celery[redis]==$celery_version" flower gevent
  touch "$venv/complete"
}

# Jaeger's go.mod holds a replace, which `go install` refuses: so it is built from a module of our own with the same lines.
install_jaeger() {
  [ -x "$tools/bin/jaeger" ] && return
  say "building jaeger $jaeger_version"
  local build source
  build=$(mktemp -d)
  (
    cd "$build"
    printf 'module build\n' > go.mod
    go mod download "github.com/jaegertracing/jaeger@$jaeger_version"
    source="$(go env GOMODCACHE)/github.com/jaegertracing/jaeger@$jaeger_version"
    sed 's#^module .*#module build#' "$source/go.mod" > go.mod
    printf '\nrequire github.com/jaegertracing/jaeger %s\n' "$jaeger_version" >> go.mod
    cp "$source/go.sum" go.sum
    chmod u+w go.mod go.sum
    go build -mod=mod -o "$tools/bin/jaeger" github.com/jaegertracing/jaeger/cmd/jaeger
  )
  rm -rf "$build"
}

install_collector() {
  [ -x "$tools/bin/otelcol" ] && return
  say "building an opentelemetry collector $collector_version"
  GOBIN="$tools/bin" go install "go.opentelemetry.io/collector/cmd/builder@$collector_version"
  local build
  build=$(mktemp -d)
  cat > "$build/manifest.yaml" <<YAML
dist: { name: otelcol, output_path: $build/out }
receivers:
  - { gomod: go.opentelemetry.io/collector/receiver/otlpreceiver $collector_version }
exporters:
  - { gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter $collector_version }
processors:
  - { gomod: github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor $collector_version }
YAML
  (cd "$build" && "$tools/bin/builder" --config manifest.yaml >"$tools/otelcol-build.log" 2>&1)
  mv "$build/out/otelcol" "$tools/bin/otelcol"
  rm -rf "$build"
}

install_packages
install_celery
install_jaeger
install_collector
say "ready: $tools"
