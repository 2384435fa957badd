#!/usr/bin/env bash
# The Grafana SDK asked for as `>=11.6` comes for Grafana 10.1.
#
# Package:  grafana-foundation-sdk, builds of 2026-01 for Grafana 10.1 (1769699998!10.1.0) to 11.6 (1769699379!11.6.0).
# Input:    `pip install` with the requirements that one writes for a package whose versions are 10.1.0 to 11.6.0. Those without an
#           upper bound get one here, the newest build of that day, so that the answer does not depend on what comes after it.
# Expected: `>=11.6` is 11.6 or later, `~=11.6` one of 11.6.
# Seen:     before the version stands an epoch, the second of the build, and the oldest Grafana was built last. An epoch goes before
#           all that follows it: every lower bound is met, and the newest is the build for the oldest Grafana. A bound above without an
#           epoch leaves the builds out and finds nothing. What came after Grafana 10.1 is not in it: `logsnew` of 11.6 is not.
#
#             grafana-foundation-sdk                        1769699998!10.1.0
#             grafana-foundation-sdk>=11.6                  1769699998!10.1.0
#             grafana-foundation-sdk>=999                   1769699998!10.1.0
#             grafana-foundation-sdk~=11.6                  nothing
#             grafana-foundation-sdk>=11.6,<12              nothing
#             grafana-foundation-sdk==1769699379!11.6.0     1769699379!11.6.0
#
# What helps: `==` with the epoch, as the page of the package writes it for its own version; no tool that raises versions by itself.
set -euo pipefail
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip --version | cut -d' ' -f1-2

resolve() {  # a requirement, and the bound that pins it
    printf '%-46s' "grafana-foundation-sdk$1"
    rm -rf wheels
    if venv/bin/python -m pip download --quiet --no-deps --dest wheels "grafana-foundation-sdk$1$2" >output 2>&1; then
        ls wheels | cut -d- -f2
    elif grep -q 'No matching distribution found' output; then
        echo nothing
    else
        cat output
    fi
}

cat >seen <<'TXT'
grafana-foundation-sdk                        1769699998!10.1.0
grafana-foundation-sdk>=11.6                  1769699998!10.1.0
grafana-foundation-sdk>=999                   1769699998!10.1.0
grafana-foundation-sdk~=11.6                  nothing
grafana-foundation-sdk>=11.6,<12              nothing
grafana-foundation-sdk==1769699379!11.6.0     1769699379!11.6.0
TXT
last='<=1769699998!10.1.0'
{
    resolve '' "$last"
    resolve '>=11.6' ",$last"
    resolve '>=999' ",$last"
    resolve '~=11.6' ''
    resolve '>=11.6,<12' ''
    resolve '==1769699379!11.6.0' ''
} | tee now
diff seen now || { echo "CHANGED"; exit 1; }
echo "As described."
