# shellcheck shell=bash
# Sourced by scripts/build and scripts/test: makes .venv, installs once, makes profiles.yml.
# Needs only bash and Python 3.11, 3.12 or 3.13. Run from the project folder.

VENV=.venv
# Tables in a log file need more than the 80 columns that are assumed there.
if [ ! -t 1 ]; then export COLUMNS=${COLUMNS:-120}; fi

# Prints the reason and stops.
stop() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Runs a step, says how long it took, and stops when it fails: step "Title" command arguments...
step() {
    local title=$1 start=$SECONDS code=0
    shift
    printf '\n== %s\n' "$title"
    "$@" || code=$?
    if [ "$code" -ne 0 ]; then
        printf '\n%s stopped: "%s" failed (exit code %s) after %s s\n' \
            "${0##*/}" "$title" "$code" "$((SECONDS - start))" >&2
        exit "$code"
    fi
    printf -- '-- %s: %s s\n' "$title" "$((SECONDS - start))"
}

# Prints the first Python of a version that dbt runs on, and that can make virtual environments.
find_python() {
    local candidate other='' no_venv=''
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys' >/dev/null 2>&1 || continue
        if ! "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            other="$candidate is $("$candidate" -c 'import platform; print(platform.python_version())')"
        elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            no_venv=$candidate
        else
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    if [ -n "$no_venv" ]; then
        stop "$no_venv cannot make virtual environments: install its venv package (Debian, Ubuntu: apt-get install python3-venv)"
    fi
    stop "needs Python 3.11, 3.12 or 3.13${other:+ ($other)}: install it, or name it with PYTHON=/path/to/python3"
}

# What the installation depends on, as one line.
install_stamp() {
    "$VENV/bin/python" - <<'PY'
import hashlib, pathlib, sys

content = pathlib.Path("pyproject.toml").read_bytes()
place = f"{sys.version} {pathlib.Path.cwd()}".encode()
print(hashlib.sha256(content + place).hexdigest())
PY
}

# Runs pip with its output in a file, and shows what it is doing. The argument names extras, such as prices,dev.
install_packages() {
    local log=logs/install.log pid code=0 start=$SECONDS last='' told=0
    mkdir -p logs
    "$VENV/bin/python" -m pip install --disable-pip-version-check --progress-bar off \
        -e ".${1:+[$1]}" >"$log" 2>&1 &
    pid=$!
    # An interrupted run must not leave pip behind.
    trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        last=$(grep -aE '^ *(Collecting|Downloading|Installing|Building|Preparing)' "$log" | tail -n 1 || true)
        case $last in
            'Installing collected packages'*)
                last="installing $(printf '%s' "$last" | tr -cd ',' | wc -c | tr -d ' ') packages"
                ;;
        esac
        last=${last#"${last%%[![:space:]]*}"}
        last=${last:0:70}
        if [ -t 1 ]; then
            printf '\r\033[K%s s  %s' "$((SECONDS - start))" "$last"
        elif [ $((SECONDS - start - told)) -ge 20 ]; then
            told=$((SECONDS - start))
            printf '%s s  %s\n' "$told" "$last"
        fi
    done
    wait "$pid" || code=$?
    trap - INT TERM
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$log" >&2
        printf 'pip failed: full output in %s\n' "$log" >&2
    fi
    return "$code"
}

# Makes .venv complete; does nothing when it is. The argument names extras that are wanted too.
install_python() {
    local python extras=${1:-} stamp installed
    # A copied or half-made environment does not start: make it again.
    if ! "$VENV/bin/python" -c 'import pip' >/dev/null 2>&1; then
        python=$(find_python) || exit 1
        printf 'making %s with %s\n' "$VENV" "$("$python" --version 2>&1)"
        rm -rf "$VENV"
        "$python" -m venv "$VENV" || return 1
    fi
    stamp=$(install_stamp)
    installed=$(cat "$VENV/.installed" 2>/dev/null || true)
    if [ "$installed" = "$stamp $extras" ] || { [ -z "$extras" ] && [ "${installed%% *}" = "$stamp" ]; }; then
        printf 'Python packages: already installed\n'
        return 0
    fi
    printf 'installing Python packages%s (once)\n' "${extras:+ with the extras $extras}"
    rm -f "$VENV/.installed"
    install_packages "$extras" || return 1
    printf '%s %s\n' "$stamp" "$extras" >"$VENV/.installed"
}

# Makes profiles.yml when there is none.
make_profile() {
    if [ ! -e profiles.yml ] && [ -z "${DBT_PROFILES_DIR:-}" ]; then
        cp profiles.example.yml profiles.yml
        printf 'profiles.yml: copied from profiles.example.yml\n'
    fi
}

# Makes the environment; the argument names extras of pyproject.toml.
setup() {
    install_python "${1:-}" || return 1
    make_profile || return 1
    "$VENV/bin/chargeback" deps
}

# Whether a folder has no file in it.
is_empty() {
    [ -z "$(find "$1" -type f ! -name '.*' 2>/dev/null | head -n 1)" ]
}
